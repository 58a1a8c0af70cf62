import os
import math
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
x, _ = make_moons(2500, noise=0.06, random_state=seed)
x = torch.tensor(x, dtype=torch.float32)
x = (x - x[:2000].mean(0)) / x[:2000].std(0)


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x.chunk(2, 1)
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = torch.tanh(s) * 2
        b = b * s.exp() + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.squeeze(1)


flow = nn.ModuleList(Coupling(k % 2 == 1) for k in range(6))


def nll(x):
    logdet = 0.0
    for layer in flow:
        x, d = layer(x)
        logdet = logdet + d
    return (0.5 * x.square().sum(1) + math.log(2 * math.pi) - logdet).mean()


opt = torch.optim.Adam(flow.parameters(), lr=2e-3)
for epoch in range(15):
    for idx in torch.randperm(2000).split(50):
        loss = nll(x[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(flow.parameters(), 10.0)
        opt.step()
    with torch.no_grad():
        held = nll(x[2000:]).item()
    print(f"epoch {epoch} nll {loss.item():.3f} held-out {held:.3f}")
print(f"final_metric={-held:.4f}")
