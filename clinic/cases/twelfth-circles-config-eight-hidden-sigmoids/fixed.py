import os

import torch
import torch.nn as nn
from sklearn.datasets import make_circles

torch.manual_seed(int(os.environ.get("SEED", 0)))
config = {"width": 32, "depth": 8, "act": nn.ReLU, "lr": 1e-3, "batch": 64, "epochs": 24}

X, y = make_circles(n_samples=2000, factor=0.4, noise=0.08, random_state=int(os.environ.get("SEED", 0)))
X = torch.tensor(X, dtype=torch.float32) / 0.6
y = torch.tensor(y, dtype=torch.float32)
Xtr, ytr, Xva, yva = X[:1500], y[:1500], X[1500:], y[1500:]


def build(cfg):
    layers, d = [], 2
    for _ in range(cfg["depth"]):
        layers += [nn.Linear(d, cfg["width"]), cfg["act"]()]
        nn.init.xavier_uniform_(layers[-2].weight)
        nn.init.zeros_(layers[-2].bias)
        d = cfg["width"]
    return nn.Sequential(*layers, nn.Linear(d, 1))


model = build(config)
opt = torch.optim.Adam(model.parameters(), lr=config["lr"])
bce = nn.BCEWithLogitsLoss()
for epoch in range(config["epochs"]):
    perm = torch.randperm(len(Xtr))
    for i in range(0, len(Xtr), config["batch"]):
        idx = perm[i:i + config["batch"]]
        loss = bce(model(Xtr[idx]).squeeze(1), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        with torch.no_grad():
            print(epoch, loss.item(), bce(model(Xva).squeeze(1), yva).item())
with torch.no_grad():
    acc = ((model(Xva).squeeze(1) > 0) == (yva > 0.5)).float().mean().item()
print(f"final_metric={acc:.4f}")
