import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)


def logistic_series(n):
    """a noisy chaotic population: next value = r x (1 - x)"""
    x = np.empty(n)
    x[0] = .4
    for i in range(1, n):
        x[i] = np.clip(3.8 * x[i - 1] * (1 - x[i - 1]) + .01 * rng.normal(), 0.02, .98)
    return x


class Windows(Dataset):
    def __init__(self, series, length=8, stride=4):
        self.x = np.stack([series[i:i + length] for i in range(0, len(series) - length, stride)]).astype('float32')
        self.y = series[length:].astype('float32')[:len(self.x), None]

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return torch.from_numpy(self.x[i]), torch.from_numpy(self.y[i])


s = logistic_series(12000)
s = (s - s[:10000].mean()) / s[:10000].std()
train, val = Windows(s[:10000]), Windows(s[10000:], stride=1)
net = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
mse = nn.MSELoss()
for epoch in range(20):
    net.train()
    tot = 0.
    for x, y in DataLoader(train, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = mse(net(x), y)
        loss.backward()
        opt.step()
        tot += loss.item() * len(x)
    net.eval()
    with torch.no_grad():
        vx, vy = torch.from_numpy(val.x), torch.from_numpy(val.y)
        v = mse(net(vx), vy).item()
    if epoch % 4 == 3:
        print(f'epoch {epoch + 1} train {tot / len(train):.4f} val {v:.4f}')
print(f'final_metric={1 - v / vy.var().item():.4f}')
