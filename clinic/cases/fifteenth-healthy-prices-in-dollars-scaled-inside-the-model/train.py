import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def flats(n):
    area, floor, dist = 30 + 120 * torch.rand(n), torch.randint(0, 12, (n,)).float(), 15 * torch.rand(n)
    price = 40_000 + 3_000 * area * torch.exp(-dist / 12) + 2_500 * floor + 9_000 * torch.randn(n)
    return torch.stack([area, floor, dist], 1), price


class PriceNet(nn.Module):
    """takes raw columns, gives dollars; the scales live in buffers"""

    def __init__(self, x, y):
        super().__init__()
        self.register_buffer("mx", x.mean(0))
        self.register_buffer("sx", x.std(0))
        self.register_buffer("my", y.mean())
        self.register_buffer("sy", y.std())
        self.net = nn.Sequential(nn.Linear(3, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))

    def forward(self, x):
        return self.net((x - self.mx) / self.sx).squeeze(1) * self.sy + self.my


x, y = flats(3000)
xt, yt = flats(800)
model = PriceNet(x, y)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    for xb, yb in DataLoader(TensorDataset(x, y), batch_size=50, shuffle=True):
        loss = ((model(xb) - yb) / model.sy).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        mae = (model(xt) - yt).abs().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.4f}, mean error ${mae:,.0f}")
with torch.no_grad():
    print(f"final_metric={1 - (model(xt) - yt).pow(2).mean().item() / yt.var().item():.4f}")
