import os
import math
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
theta = (torch.rand(3000) * 2 - 1) * math.pi
omega = torch.randn(3000) * 1.5
length = torch.rand(3000) + 0.5
energy = 0.5 * (length * omega) ** 2 - 9.81 * length * (torch.cos(theta) - 1)
features = torch.stack([torch.sin(theta), torch.cos(theta), omega, length], 1)
features = (features - features.mean(0)) / features.std(0)
energy = (energy - energy.mean()) / energy.std()
train_set, val_set = random_split(TensorDataset(features, energy), [2400, 600])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
val_loader = DataLoader(val_set, batch_size=200)

net = nn.Sequential(nn.Linear(4, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
adam = torch.optim.Adam(net.parameters(), lr=2e-3)


def energy_loss(pred, target):
    return ((pred - target) ** 2).mean()


for epoch in range(12):
    for state, e in train_loader:
        adam.zero_grad()
        loss = energy_loss(net(state), e)
        loss.backward()
        adam.step()
    sse = sst = 0.0
    with torch.no_grad():
        for state, e in val_loader:
            sse += (net(state).flatten() - e).pow(2).sum().item()
            sst += e.pow(2).sum().item()
    print(f"epoch {epoch:2d} train loss {loss.item():.4f} val R2 {1 - sse / sst:.4f}")
print(f"final_metric={1 - sse / sst:.4f}")
