import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def blobs(n):
    size = torch.randint(0, 3, (n,))
    yy, xx = torch.meshgrid(torch.linspace(-1, 1, 14), torch.linspace(-1, 1, 14), indexing="ij")
    cx, cy = (torch.rand(2, n, 1, 1) - 0.5) * 0.8
    width = (0.12 + 0.16 * size)[:, None, None]
    img = torch.exp(-((xx - cx) ** 2 + (yy - cy) ** 2) / (2 * width ** 2)) + 0.1 * torch.randn(n, 14, 14)
    return (img - 0.15) / 0.25, size


def conv(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.GroupNorm(4, b), nn.ReLU(), nn.MaxPool2d(2))


x, y = blobs(1200)
xv, yv = blobs(300)
net = nn.Sequential(nn.Unflatten(1, (1, 14)), conv(1, 8), conv(8, 16), nn.Flatten(), nn.Linear(144, 3))
opt = torch.optim.SGD(net.parameters(), lr=4e-3, momentum=0.8)
for epoch in range(2):
    net.train()
    for k, idx in enumerate(torch.randperm(1200).split(2), 1):
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if k % 200 == 0:
            net.eval()
            with torch.no_grad():
                acc = (net(xv).argmax(1) == yv).float().mean().item()
            net.train()
            print(f"epoch {epoch} step {k} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
