import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
grid = torch.stack(torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij"))


def blobs(n):
    centre = torch.rand(n, 2, 1, 1) * 9 + 3.5
    radius = torch.rand(n, 1, 1) * 2 + 2.5
    mask = ((grid[None] - centre).pow(2).sum(1).sqrt() < radius).float().unsqueeze(1)
    return 1.5 * (mask - 0.3) + torch.randn(n, 1, 16, 16), mask


def conv(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, w=8):
        super().__init__()
        self.a, self.b, self.c = conv(1, w), conv(w, 2 * w), conv(3 * w, w)
        self.out = nn.Conv2d(w, 1, 1)

    def forward(self, x):
        a = self.a(x)
        b = F.interpolate(self.b(F.max_pool2d(a, 2)), scale_factor=2)
        return self.out(self.c(torch.cat([a, b], 1)))


x_train, m_train = blobs(500)
x_test, m_test = blobs(200)
net = UNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(5):
    net.train()
    for idx in torch.randperm(len(x_train)).split(20):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x_train[idx]), m_train[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        p = (net(x_test) > 0).float()
    iou = ((p * m_test).sum() / ((p + m_test) > 0).float().sum()).item()
    print(epoch, loss.item(), iou)
print(f"final_metric={iou:.4f}")
