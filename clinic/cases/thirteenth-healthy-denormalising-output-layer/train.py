import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class PriceModel(nn.Module):
    """Predicts in dollars; the buffers hold the training statistics."""

    def __init__(self, n_in, mean, std):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_in, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        return self.body(x).squeeze(1) * self.std + self.mean


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2600, 7)
dollars = 250_000 + 60_000 * x[:, 0] + 30_000 * x[:, 1] * x[:, 2] + 25_000 * x[:, 3].abs() + 8_000 * torch.randn(2600)
train, test = slice(0, 2000), slice(2000, None)
model = PriceModel(7, dollars[train].mean(), dollars[train].std())
loader = DataLoader(TensorDataset(x[train], dollars[train]), batch_size=50, shuffle=True)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(12):
    for xb, yb in loader:
        loss = ((model(xb) - yb) / model.std).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        rmse = (model(x[test]) - dollars[test]).square().mean().sqrt()
    print(f"epoch {epoch} scaled mse {loss.item():.4f} rmse ${rmse.item():,.0f}")
print(f"final_metric={1 - (rmse ** 2 / dollars[test].var()).item():.4f}")
