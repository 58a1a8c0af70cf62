import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = (torch.tensor(d.images).float()[:, None] - 4.88) / 6.02
y = torch.tensor(d.target)
perm = torch.randperm(len(y))
tr, te = perm[:1300], perm[1300:]
MOMENTUM = 0.998

model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(),
    nn.Flatten(), nn.Linear(256, 10),
)
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=MOMENTUM, nesterov=True)
for epoch in range(8):
    model.train()
    for idx in tr[torch.randperm(len(tr))].split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x[te]).argmax(1) == y[te]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
