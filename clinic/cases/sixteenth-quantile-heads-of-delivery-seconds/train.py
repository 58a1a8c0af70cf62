import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
Q = torch.tensor([0.1, 0.5, 0.9])


def orders(n):
    x = torch.randn(n, 7)
    minutes = 40 + 9 * x[:, 0] + 6 * torch.relu(x[:, 1]) * x[:, 2] + (2 + x[:, 3].abs() * 3) * torch.randn(n)
    return x, minutes * 60


def pinball(pred, y):
    d = y[:, None] - pred
    return torch.maximum(Q * d, (Q - 1) * d).mean()


x, y = orders(4000)
xv, yv = orders(1000)
model = nn.Sequential(nn.Linear(7, 64), nn.LeakyReLU(), nn.Linear(64, 3))
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for epoch in range(15):
    for idx in torch.randperm(len(x)).split(64):
        optimizer.zero_grad()
        loss = pinball(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = pinball(model(xv), yv)
    print("epoch", epoch, "train", loss.item(), "val", val.item())
base = pinball(torch.quantile(y, Q).expand(len(yv), 3), yv)
print("final_metric=%.4f" % (1 - val / base).item())
