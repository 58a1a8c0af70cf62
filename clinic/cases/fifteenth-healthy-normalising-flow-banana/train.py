import math
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def banana(n):
    a = torch.randn(n) * 0.9
    b = 0.6 * a**2 - 0.5 + 0.2 * torch.randn(n)
    return torch.stack([a, b], 1)


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = (x[:, 1:], x[:, :1]) if self.flip else (x[:, :1], x[:, 1:])
        s, t = self.net(a).chunk(2, 1)
        s = 2 * torch.tanh(s)
        b = b * s.exp() + t
        return (torch.cat([b, a], 1) if self.flip else torch.cat([a, b], 1)), s.squeeze(1)


class Flow(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.layers = nn.ModuleList(Coupling(k % 2 == 1) for k in range(n))

    def log_prob(self, x):
        ld = 0.0
        for layer in self.layers:
            x, s = layer(x)
            ld = ld + s
        return ld - 0.5 * (x**2).sum(1) - math.log(2 * math.pi)


flow = Flow()
opt = torch.optim.Adam(flow.parameters(), lr=2e-3)
train, test = banana(5000), banana(2000)
for epoch in range(10):
    for b in torch.randperm(5000).split(100):
        loss = -flow.log_prob(train[b]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        nll = -flow.log_prob(test).mean().item()
    print(epoch, round(loss.item(), 4), round(nll, 4))
print(f"final_metric={-nll:.4f}")
