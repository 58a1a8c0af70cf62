import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_diabetes

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

d = load_diabetes()
feats = (d.data / d.data.std(0)).astype("float32")
target = ((d.target - d.target.mean()) / d.target.std()).astype("float32")[:, None]

val_rows = np.random.choice(len(feats), 110, replace=False)
train_rows = np.arange(len(feats))

x, t = torch.from_numpy(feats[train_rows]), torch.from_numpy(target[train_rows])
vx, vt = torch.from_numpy(feats[val_rows]), torch.from_numpy(target[val_rows])


class Residuals(nn.Module):
    def __init__(self, width=100):
        super().__init__()
        self.a = nn.Linear(10, width)
        self.b = nn.Linear(width, width)
        self.c = nn.Linear(width, 1)

    def forward(self, x):
        h = torch.relu(self.a(x))
        h = h + torch.relu(self.b(h))
        return self.c(h)


net = Residuals()
adam = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(60):
    for rows in torch.randperm(len(x)).split(30):
        err = nn.functional.mse_loss(net(x[rows]), t[rows])
        adam.zero_grad()
        err.backward()
        adam.step()
    with torch.no_grad():
        v = nn.functional.mse_loss(net(vx), vt)
    if epoch % 10 == 9:
        print(f"epoch {epoch}: train {err.item():.3f} val {v.item():.3f}")
print(f"final_metric={1 - v.item() / vt.var().item():.4f}")
