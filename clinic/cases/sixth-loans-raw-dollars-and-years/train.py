import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

n = 4000
income = rng.normal(60000, 15000, n)
debt = rng.normal(20000, 6000, n)
born = rng.integers(1950, 2003, n).astype(float)
rate = rng.normal(0.05, 0.015, n)
children = rng.integers(0, 4, n).astype(float)
z = (income - 60000) / 15000 - (debt - 20000) / 6000 + 1.5 * (rate - 0.05) / 0.015 - 0.8 * (born - 1976) / 15
default = (z + 0.2 * rng.normal(size=n) < 0).astype(np.float32)
table = np.stack([income, debt, born, rate, children], 1).astype(np.float32)

X_train, X_val = table[:3200], table[3200:]
y_train, y_val = torch.from_numpy(default[:3200]), torch.from_numpy(default[3200:])
X_train, X_val = torch.from_numpy(X_train), torch.from_numpy(X_val)

model = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(12):
    model.train()
    losses = []
    for i in torch.randperm(3200).split(64):
        opt.zero_grad()
        loss = bce(model(X_train[i]).squeeze(-1), y_train[i])
        loss.backward()
        opt.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = ((model(X_val).squeeze(-1) > 0).float() == y_val).float().mean().item()
    print(f"{epoch}: {np.mean(losses):.4f} {acc:.4f}")
print(f"final_metric={acc:.4f}")
