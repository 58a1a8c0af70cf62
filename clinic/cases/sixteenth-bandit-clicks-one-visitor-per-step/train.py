import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH = 1
STEPS = 1500

w = torch.randn(14) / 14 ** 0.5


def visitors(n):
    """basket value, mostly noise"""
    x = torch.randn(n, 14)
    signal = x @ w + 0.5 * torch.relu(x[:, 0]) * x[:, 1]
    return x, signal + 2.5 * torch.randn(n), signal


net = nn.Sequential(nn.Linear(14, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
xv, _, sv = visitors(2000)
for step in range(STEPS):
    x, y, _ = visitors(BATCH)
    loss = nn.functional.mse_loss(net(x).squeeze(1), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 150 == 149:
        with torch.no_grad():
            r2 = 1 - ((net(xv).squeeze(1) - sv) ** 2).mean().item() / sv.var().item()
        print("step", step + 1, "loss", loss.item(), "r2 against the clean signal", r2)
print("final_metric=%.4f" % r2)
