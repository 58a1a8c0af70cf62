import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def stars(n):
    """brightness class of a star in a noisy 10x10 stamp"""
    c = torch.randint(0, 4, (n,))
    yy, xx = torch.meshgrid(torch.arange(10.), torch.arange(10.), indexing="ij")
    cx, cy = 3 + 4 * torch.rand(n, 1, 1), 3 + 4 * torch.rand(n, 1, 1)
    amp = 1.0 + 1.2 * c.float().view(-1, 1, 1)
    img = amp * torch.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / 3) + 0.25 * torch.randn(n, 10, 10)
    return ((img - 0.25) / 0.7)[:, None], c


class StarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
                               nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveMaxPool2d(1))
        self.g = nn.Linear(24, 4)

    def forward(self, x):
        return self.g(self.f(x).flatten(1))


net = StarNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
x, y = stars(1600)
xv, yv = stars(150)
for epoch in range(8):
    net.train()
    for i in torch.randperm(1600).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        loss.backward()
        opt.step()
    right = 0
    with torch.no_grad():
        for j in range(150):
            right += int(net(xv[j:j + 1]).argmax() == yv[j])
    print("epoch", epoch, "loss", loss.item(), "val", right / 150)
print(f"final_metric={right / 150:.4f}")
