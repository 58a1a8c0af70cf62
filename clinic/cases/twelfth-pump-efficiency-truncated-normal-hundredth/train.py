import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def pump(n):
    x = rng.uniform(-1.7, 1.7, (n, 5))
    y = x[:, 0] * x[:, 1] + np.sin(1.5 * x[:, 2]) - 0.5 * x[:, 3] ** 2 + 0.1 * rng.normal(size=n)
    return torch.tensor(x).float(), torch.tensor((y + 0.5) / 1.35).float().unsqueeze(1)


class PumpNet(nn.Module):
    def __init__(self, width=40, depth=6):
        super().__init__()
        sizes = [5] + [width] * depth
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])
        self.final = nn.Linear(width, 1)
        self.reset()

    def reset(self):
        for layer in self.layers:
            nn.init.trunc_normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.final(x)


train, test = pump(2500), pump(600)
loader = DataLoader(TensorDataset(*train), batch_size=64, shuffle=True)
net = PumpNet()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(20):
    for x, y in loader:
        loss = F.mse_loss(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        with torch.no_grad():
            print(epoch + 1, loss.item(), F.mse_loss(net(test[0]), test[1]).item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(test[0]), test[1]) / test[1].var()
print(f"final_metric={r2.item():.4f}")
