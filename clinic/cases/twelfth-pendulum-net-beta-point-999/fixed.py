import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def pendulum(n):
    s = torch.rand(n, 3) * 2 - 1
    acc = -torch.sin(3 * s[:, 0]) - 0.4 * s[:, 1] + 0.8 * s[:, 2] * torch.cos(3 * s[:, 0])
    return s / 0.577, ((acc + 0.02 * torch.randn(n)) / 0.9).unsqueeze(1)


x, y = pendulum(2000)
xt, yt = pendulum(500)
model = nn.Sequential(nn.Linear(3, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(20):
    for idx in torch.randperm(2000).split(50):
        loss = nn.functional.mse_loss(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        print(epoch, nn.functional.mse_loss(model(xt), yt).item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(xt), yt).item() / yt.var().item()
print(f"final_metric={max(r2, -1.0):.4f}")
