import os
import json
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer

config = json.loads("""{"optimizer": {"lr": 0.02, "momentum": 0.9}, "epochs": 15, "batch": 20}""")
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

xs = torch.rand(3000, 3) * 2 - 1
ys = (torch.sin(3 * xs[:, :1]) * xs[:, 1:2] + xs[:, 2:] ** 2)
ys = (ys - ys.mean()) / ys.std() + 0.1 * torch.randn(3000, 1)
tr, va = slice(0, 2400), slice(2400, 3000)

model = nn.Sequential(nn.Linear(3, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
opt = torch.optim.SGD(model.parameters(), **config["optimizer"])
loss_fn = nn.MSELoss()
for epoch in range(config["epochs"]):
    for i in torch.randperm(2400).split(config["batch"]):
        opt.zero_grad()
        loss = loss_fn(model(xs[tr][i]), ys[tr][i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        v = loss_fn(model(xs[va]), ys[va]).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {v:.4f}")
print(f"final_metric={-v:.4f}")
