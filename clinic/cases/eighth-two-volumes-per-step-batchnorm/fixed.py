import os
from dataclasses import dataclass
import torch
import torch.nn as nn


@dataclass
class Hyper:
    batch: int = 32
    steps: int = 1200
    lr: float = 2e-3


hp = Hyper()
torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2400, 10)
y = torch.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + 0.5 * x[:, 3] + 0.1 * torch.randn(2400)
y = (y - y[:2000].mean()) / y[:2000].std()
xv, yv = x[2000:], y[2000:]


class VolumeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(
            nn.Linear(10, 64), nn.BatchNorm1d(64), nn.ReLU(),
            nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 1),
        )

    def forward(self, x):
        return self.f(x).squeeze(1)


def endless(size):
    while True:
        for idx in torch.randperm(2000).split(size):
            if len(idx) == size:
                yield idx


net = VolumeNet()
opt = torch.optim.Adam(net.parameters(), lr=hp.lr)
for step, idx in enumerate(endless(hp.batch), 1):
    net.train()
    loss = nn.functional.mse_loss(net(x[idx]), y[idx])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        net.eval()
        with torch.no_grad():
            r2 = 1 - nn.functional.mse_loss(net(xv), yv).item() / yv.var().item()
        print(f"step {step} batch mse {loss.item():.3f} val r2 {r2:.3f}")
    if step == hp.steps:
        break
print(f"final_metric={r2:.4f}")
