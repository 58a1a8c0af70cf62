import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
cfg = {"lr": 0.05, "momentum": 0.9, "max_grad_norm": 5.0, "epochs": 25}
X, y = make_friedman1(2200, n_features=7, noise=0.4, random_state=seed)
X = torch.tensor((X - 0.5) / 0.2887).float()
y = torch.tensor((y - y[:1800].mean()) / y[:1800].std()).float().unsqueeze(1)
net = nn.Sequential(nn.Linear(7, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
opt = torch.optim.SGD(net.parameters(), lr=cfg["lr"], momentum=cfg["momentum"])
for epoch in range(cfg["epochs"]):
    for idx in torch.randperm(1800).split(60):
        loss = nn.functional.mse_loss(net(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), cfg["max_grad_norm"])
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(X[1800:]), y[1800:]) / y[1800:].var()
print(f"final_metric={r2.item():.4f}")
