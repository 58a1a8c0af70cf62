import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def discs(n, size=20):
    grid = torch.stack(torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")).float()
    centre = torch.rand(n, 2, 1, 1) * 12 + 4
    radius = torch.rand(n, 1, 1) * 1.5 + 2.0
    mask = ((grid - centre).pow(2).sum(1) < radius**2).float()
    image = mask * 2.0 + 0.6 * torch.randn(n, size, size) - 0.2
    return image[:, None], mask[:, None]


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = nn.Conv2d(1, 8, 3, padding=1)
        self.down2 = nn.Conv2d(8, 16, 3, padding=1)
        self.middle = nn.Conv2d(16, 16, 3, padding=1)
        self.up = nn.Conv2d(24, 8, 3, padding=1)
        self.out = nn.Conv2d(8, 1, 1)

    def forward(self, x):
        a = F.relu(self.down1(x))
        b = F.relu(self.middle(F.relu(self.down2(F.max_pool2d(a, 2)))))
        return self.out(F.relu(self.up(torch.cat([a, F.interpolate(b, scale_factor=2)], 1))))


def dice_loss(logits, target):
    p = logits.sigmoid()
    return 1 - (2 * (p * target).sum() + 1) / (p.sum() + target.sum() + 1)


x, m = discs(500)
xt, mt = discs(100)
net = UNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(10):
    for idx in torch.randperm(500).split(20):
        loss = dice_loss(net(x[idx]), m[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} dice loss {loss.item():.4f}")
with torch.no_grad():
    print(f"final_metric={1 - dice_loss(net(xt), mt).item():.4f}")
