import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_diabetes(return_X_y=True)
X = X / X.std(0)
y = (y - y.mean()) / y.std()
Xa, Xb, ya, yb = (torch.tensor(v, dtype=torch.float32) for v in train_test_split(X, y, test_size=0.4, random_state=seed))


class Regressor(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Dropout(0.2), nn.Linear(width, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1)


model = Regressor(width=24)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
history = []
for epoch in range(18):
    model.train()
    tl = 0
    for idx in torch.randperm(len(Xa)).split(16):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(Xa[idx]), ya[idx])
        loss.backward()
        optimizer.step()
        tl += loss.item() * len(idx) / len(Xa)
    model.eval()
    with torch.no_grad():
        vl = nn.functional.mse_loss(model(Xb), yb).item()
    history.append((tl, vl))
    print(f"epoch {epoch:3d} train {tl:.3f} val {vl:.3f}")
print(f"final_metric={1 - history[-1][1] / yb.var().item():.4f}")
