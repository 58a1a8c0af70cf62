import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def blobs(n):
    y = torch.randint(0, 3, (n,))
    g = torch.linspace(-1, 1, 10)
    yy, xx = torch.meshgrid(g, g, indexing="ij")
    cx, cy = 0.6 * (torch.rand(n, 1, 1) - 0.5), 0.6 * (torch.rand(n, 1, 1) - 0.5)
    r = ((xx - cx) ** 2 + (yy - cy) ** 2).sqrt()
    disc, ring, cross = (r < 0.5).float(), ((r - 0.5).abs() < 0.15).float(), (((xx - cx).abs() < 0.15) | ((yy - cy).abs() < 0.15)).float()
    img = torch.stack([disc, ring, cross])[y, torch.arange(n)]
    return ((img + 0.5 * torch.randn(n, 10, 10)) - 0.3) .div(0.68).unsqueeze(1), y


net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2), nn.Linear(800, 3),
)
opt = torch.optim.SGD(net.parameters(), lr=0.15, momentum=0.9)
X, y = blobs(1600)
Xt, yt = blobs(500)
step = 0
net.train()
for epoch in range(6):
    for idx in torch.randperm(1600).split(40):
        if step % 40 == 5:
            net.eval()
            with torch.no_grad():
                print(step, "test", nn.functional.cross_entropy(net(Xt), yt).item())
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
        step += 1
net.eval()
with torch.no_grad():
    acc = (net(Xt).argmax(1) == yt).float().mean().item()
print(f"final_metric={acc:.4f}")
