import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def cells(n, S=16):
    yy, xx = torch.meshgrid(torch.arange(S).float(), torch.arange(S).float(), indexing="ij")
    mask = torch.zeros(n, S, S)
    for _ in range(2):
        c = 3 + 10 * torch.rand(n, 2, 1, 1)
        r = 2.5 + 1.5 * torch.rand(n, 1, 1)
        mask = torch.maximum(mask, (((yy - c[:, 0]) ** 2 + (xx - c[:, 1]) ** 2) < r ** 2).float())
    img = mask - 0.25 + 0.6 * torch.randn(n, S, S)
    return img[:, None] / 0.75, mask[:, None]


class UNet(nn.Module):
    def __init__(self, c=10):
        super().__init__()
        self.d1 = nn.Conv2d(1, c, 3, padding=1)
        self.d2 = nn.Conv2d(c, 2 * c, 3, padding=1)
        self.u1 = nn.Conv2d(3 * c, c, 3, padding=1)
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        a = F.relu(self.d1(x))
        b = F.relu(self.d2(F.max_pool2d(a, 2)))
        u = F.interpolate(b, scale_factor=2)
        return self.out(F.relu(self.u1(torch.cat([a, u], 1))))


net = UNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
xt, mt = cells(600)
xv, mv = cells(100)
for epoch in range(8):
    for i in torch.randperm(600).split(16):
        loss = F.binary_cross_entropy_with_logits(net(xt[i]), mt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        p = net(xv) > 0
        dice = 2 * (p * mv).sum() / (p.sum() + mv.sum())
    print(epoch, loss.item(), dice.item())
print(f"final_metric={dice.item():.4f}")
