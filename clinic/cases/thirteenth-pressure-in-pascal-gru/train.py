import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def weather(n, hours=16):
    """Hourly pressure [Pa] and temperature [K]; will it rain? (falling pressure, rising temperature)"""
    slope = torch.randn(n, 1)
    warm = torch.randn(n, 1)
    h = torch.arange(hours) / hours
    pressure = 101325 + 600 * torch.randn(n, 1) + 400 * slope * h + 60 * torch.randn(n, hours)
    temperature = 285 + 6 * torch.randn(n, 1) + 4 * warm * h + 0.6 * torch.randn(n, hours)
    rain = (warm - slope + 0.2 * torch.randn(n, 1) > 0).float().squeeze(1)
    return torch.stack([pressure, temperature], -1), rain


class RainNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 24, batch_first=True)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):
        h, _ = self.gru(x)
        return self.fc(h[:, -1]).squeeze(1)


x, y = weather(2000)
xv, yv = weather(600)
loader = DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True)
net = RainNet()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(12):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = bce(net(xb), yb)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = ((net(xv) > 0) == (yv > 0)).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
