import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(1500, 1) * 4 - 2
sigma = 0.05 + 0.1 * (x > 0)
y = torch.sin(2 * x) + sigma * torch.randn_like(x)


class MeanVar(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.mu, self.raw = nn.Linear(64, 1), nn.Linear(64, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mu(h), nn.functional.softplus(self.raw(h)) + 1e-4


net = MeanVar()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
nll = nn.GaussianNLLLoss()
for epoch in range(40):
    for b in torch.randperm(1100).split(55):
        mu, var = net(x[b])
        loss = nll(mu, y[b], var)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    mu, var = net(x[1100:])
    r2 = 1 - ((mu - y[1100:]) ** 2).mean() / y[1100:].var()
print(f"final_metric={r2.item():.4f}")
