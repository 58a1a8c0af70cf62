import os
import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel
from sklearn.datasets import make_moons

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_moons(2000, noise=0.2, random_state=SEED)
X = torch.tensor(X, dtype=torch.float32)
X = (X - X[:1500].mean(0)) / X[:1500].std(0)
y = torch.tensor(y)

model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
swa_model = AveragedModel(model)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=14)
swa_start = 14
swa_scheduler = SWALR(optimizer, swa_lr=0.03, anneal_epochs=2)

for epoch in range(20):
    for idx in torch.randperm(1500).split(50):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
        loss.backward()
        optimizer.step()
    if epoch >= swa_start:
        swa_model.update_parameters(model)
        swa_scheduler.step()
    else:
        scheduler.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            print(epoch + 1, round(loss.item(), 4), (model(X[1500:]).argmax(1) == y[1500:]).float().mean().item())

with torch.no_grad():
    acc = (swa_model(X[1500:]).argmax(1) == y[1500:]).float().mean().item()
print(f"final_metric={acc:.4f}")
