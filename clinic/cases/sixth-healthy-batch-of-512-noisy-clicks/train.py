import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

w = torch.randn(30) * 0.35


def log(n):
    x = torch.randn(n, 30)
    p = torch.sigmoid(x @ w + 0.7 * torch.sin(2 * x[:, 0]))
    return x, torch.bernoulli(p), p


x, y, _ = log(24000)
xv, yv, pv = log(4000)
model = nn.Sequential(nn.Linear(30, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1), nn.Flatten(0))
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.02)
bce = nn.BCEWithLogitsLoss()
for epoch in range(4):
    model.train()
    for rows in torch.randperm(len(x)).split(512):
        loss = bce(model(x[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(xv)
        r2 = 1 - (out.sigmoid() - pv).pow(2).mean().item() / pv.var().item()
    print(f'epoch {epoch} train {loss.item():.4f} val {bce(out, yv).item():.4f} rate fit {r2:.4f}')
print(f'final_metric={r2:.4f}')
