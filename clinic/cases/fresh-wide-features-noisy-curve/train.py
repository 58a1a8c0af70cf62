import os
import numpy as np
import torch

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def experiment(n):
    x = rng.uniform(-1, 1, (n, 3))
    y = np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] + 0.6 * rng.standard_normal(n)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


class RandomFourier(torch.nn.Module):
    """sin/cos features followed by a small net"""

    def __init__(self, d, m=200):
        super().__init__()
        self.register_buffer("omega", torch.randn(d, m) * 2)
        self.net = torch.nn.Sequential(torch.nn.Linear(2 * m, 64), torch.nn.ReLU(), torch.nn.Linear(64, 1))

    def forward(self, x):
        z = x @ self.omega
        return self.net(torch.cat([z.sin(), z.cos()], 1)).squeeze(1)


x, y = experiment(60)
xv, yv = experiment(300)
f = RandomFourier(3)
optimizer = torch.optim.Adam(f.parameters(), lr=1e-3)
n_steps = 1000
for i in range(n_steps):
    j = torch.randint(0, 60, (20,))
    loss = (f(x[j]) - y[j]).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 25 == 0:
        with torch.no_grad():
            print(i, "train", round(loss.item(), 3), "test", round((f(xv) - yv).square().mean().item(), 3))
with torch.no_grad():
    print("final_metric=%.4f" % (1 - (f(xv) - yv).square().mean() / yv.var()).item())
