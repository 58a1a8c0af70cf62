"""River level class from gauge readings. Predictions are produced per station, like the report needs them."""
import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
STATIONS = 24
LEVEL = torch.randn(STATIONS, 6) * 1.5


def readings(station, n):
    return LEVEL[station] + 0.5 * torch.randn(n, 6)


rule = torch.randn(6, 3)
train_x = torch.cat([readings(s, 60) for s in range(STATIONS)])
cut = train_x.mean(0)


def classify(x):
    return ((x - cut) @ rule).argmax(1)


train_y = classify(train_x)
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=48, shuffle=True)


class GaugeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.seq = nn.Sequential(
            nn.Linear(6, 40), nn.BatchNorm1d(40), nn.ReLU(),
            nn.Linear(40, 40), nn.BatchNorm1d(40), nn.ReLU(), nn.Linear(40, 3))

    def forward(self, x):
        return self.seq(x)


net = GaugeNet()
optim = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    net.train()
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        optim.zero_grad()
        loss.backward()
        optim.step()
    print("epoch", epoch, "loss", loss.item())

hits = total = 0
torch.set_grad_enabled(False)
for s in range(STATIONS):
    x = readings(s, 30)
    hits += (net(x).argmax(1) == classify(x)).sum().item()
    total += len(x)
print("final_metric=%.4f" % (hits / total))
