import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
GRADES = 5


def essays(n):
    x = torch.randn(n, 8)
    q = x[:, 0] + 0.7 * torch.tanh(2 * x[:, 1]) + 0.5 * x[:, 2] * x[:, 3] + 0.2 * torch.randn(n)
    return x, torch.bucketize(q, torch.tensor([-1.2, -0.4, 0.4, 1.2]))


def levels(y):
    return (y[:, None] > torch.arange(GRADES - 1)).float()


class Ordinal(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
        self.cuts = nn.Parameter(torch.tensor([-1.0, -0.3, 0.3, 1.0]))

    def forward(self, x):
        return torch.sigmoid(self.score(x) - self.cuts)


x, y = essays(5000)
xt, yt = essays(1500)
net = Ordinal()
loss_fn = nn.BCELoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(12):
    for b in torch.randperm(5000).split(50):
        loss = loss_fn(net(x[b]), levels(y[b]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        pred = (net(xt) > 0.5).sum(1)
    print(epoch, round(loss.item(), 4), "off by", round((pred - yt).abs().float().mean().item(), 4))
print(f"final_metric={1 - (pred - yt).abs().float().mean().item():.4f}")
