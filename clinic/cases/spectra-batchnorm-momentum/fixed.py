import os
import torch
from torch import nn
from torch.utils.data import DataLoader, random_split, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

grid = torch.linspace(-1, 1, 50)


def spectra(n):
    centre = 1.2 * torch.rand(n, 1) - 0.6
    width = 0.05 + 0.15 * torch.rand(n, 1)
    base = 0.3 * torch.randn(n, 1) + 0.3 * torch.randn(n, 1) * grid
    peak = (1 + torch.rand(n, 1)) * torch.exp(-((grid - centre) / width) ** 2)
    s = peak + base + 0.1 * torch.randn(n, 50)
    y = torch.cat([centre / 0.35, (width - 0.125) / 0.043], 1)
    return (s - 0.35) / 0.65, y


BN_MOMENTUM = 0.1


class SpectrumNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(50, 96), nn.BatchNorm1d(96, momentum=BN_MOMENTUM), nn.GELU(),
            nn.Linear(96, 96), nn.BatchNorm1d(96, momentum=BN_MOMENTUM), nn.GELU(),
        )
        self.out = nn.Linear(96, 2)

    def forward(self, s):
        return self.out(self.body(s))


full = TensorDataset(*spectra(3600))
train_ds, val_ds = random_split(full, [3000, 600])
train_dl = DataLoader(train_ds, batch_size=60, shuffle=True)
val_dl = DataLoader(val_ds, batch_size=300)
model = SpectrumNet()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=12)

for epoch in range(12):
    model.train()
    tr = 0.0
    for s, y in train_dl:
        loss = nn.functional.mse_loss(model(s), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tr += loss.item() / len(train_dl)
    sched.step()

    model.eval()
    va = 0.0
    with torch.no_grad():
        for s, y in val_dl:
            va += nn.functional.mse_loss(model(s), y).item() / len(val_dl)
    print(f"{epoch + 1:02d}: train mse {tr:.4f}, val mse {va:.4f}")

print(f"final_metric={1 - va:.4f}")
