import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
n = 2400
x = torch.randn(n, 8)
margin = x[:, 0] * x[:, 1] + 0.8 * x[:, 2] - 0.4 * x[:, 3] ** 2
y = (margin > -0.05 + margin.quantile(0.63)).float()
print("positive share", y.mean().item())
xt, yt, xv, yv = x[:1800], y[:1800], x[1800:], y[1800:]

model = nn.Sequential(nn.Linear(8, 64), nn.SiLU(), nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 1), nn.Flatten(0))
crit = nn.BCEWithLogitsLoss()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
for epoch in range(20):
    for idx in torch.randperm(1800).split(60):
        loss = crit(model(xt[idx]), yt[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = ((model(xv) > 0).float() == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
