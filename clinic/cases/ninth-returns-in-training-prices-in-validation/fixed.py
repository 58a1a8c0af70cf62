import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def tide_gauge(n):
    t = np.arange(n)
    level = np.sin(t / 5) + 0.6 * np.sin(t / 2.3 + 1) + np.cumsum(0.05 * rng.normal(size=n))
    return level


class WindowDataset(torch.utils.data.Dataset):
    def __init__(self, series, width, diff):
        self.d = np.diff(series)
        src = self.d if diff else series[1:]
        sd = self.d.std()
        self.x = np.stack([src[i:i + width] for i in range(len(src) - width)]) / sd
        self.y = self.d[width:] / sd

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return torch.tensor(self.x[i], dtype=torch.float32), torch.tensor(self.y[i], dtype=torch.float32)


series = tide_gauge(2600)
train = torch.utils.data.DataLoader(WindowDataset(series[:2000], 16, diff=True), batch_size=40, shuffle=True)
valid = torch.utils.data.DataLoader(WindowDataset(series[2000:], 16, diff=True), batch_size=600)
net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    net.train()
    tr = []
    for x, y in train:
        loss = (net(x) - y).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tr.append(loss.item())
    net.eval()
    with torch.no_grad():
        x, y = next(iter(valid))
        val = (net(x) - y).pow(2).mean()
    print(f"epoch {epoch}  train mse {np.mean(tr):.4f}  valid mse {val:.4f}")
print(f"final_metric={max((1 - val / y.var()).item(), -10):.4f}")
