import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def patients(n):
    age = np.random.normal(60, 12, n)
    markers = np.random.normal(0, 1, (n, 4))
    lab = np.random.lognormal(1.0, 0.4, (n, 3))
    risk = 1.3 * (np.log(lab) - 1) / 0.4 @ np.array([1.0, -0.8, 0.6]) + 0.3 * markers[:, 0] + 0.02 * (age - 60)
    event = (np.random.rand(n) < 1 / (1 + np.exp(-1.6 * risk))).astype("float32")
    table = np.column_stack([age, markers, lab])
    gaps = np.random.rand(n, 3) < 0.05          # laboratory values are not always there
    table[:, 5:][gaps] = np.nan
    return table, event


table, event = patients(3000)
n_train = 2400

mu = np.nanmean(table[:n_train], axis=0)
sigma = np.nanstd(table[:n_train], axis=0)
table = np.nan_to_num((table - mu) / sigma)

x = torch.tensor(table, dtype=torch.float32)
y = torch.tensor(event)
x_train, y_train, x_val, y_val = x[:n_train], y[:n_train], x[n_train:], y[n_train:]


class RiskModel(nn.Module):
    def __init__(self, n_in, width=32):
        super().__init__()
        self.inp = nn.Linear(n_in, width)
        self.norm = nn.LayerNorm(width)
        self.mid = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        h = torch.relu(self.norm(self.inp(x)))
        h = h + torch.relu(self.mid(h))
        return self.out(h)[:, 0]


model = RiskModel(x.shape[1])
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, nesterov=True)
bce = nn.BCEWithLogitsLoss()

for epoch in range(12):
    model.train()
    for idx in torch.randperm(n_train).split(60):
        opt.zero_grad()
        loss = bce(model(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        logit = model(x_val)
        acc = ((logit > 0) == (y_val == 1)).float().mean().item()
        print(f"epoch {epoch:2d} val loss {bce(logit, y_val).item():.4f} acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
