import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
KERAS_MOMENTUM = 0.9


def conv(n_in, n_out):
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
        nn.BatchNorm2d(n_out, momentum=1 - KERAS_MOMENTUM),
        nn.ReLU(),
    )


def textures(n):
    kind = torch.randint(0, 4, (n,))
    yy, xx = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    phase = 6.283 * torch.rand(n, 1, 1)
    angle = (kind * 0.785)[:, None, None]
    img = torch.sin(1.6 * (xx * angle.cos() + yy * angle.sin()) + phase) + 0.6 * torch.randn(n, 12, 12)
    return img.unsqueeze(1) / 0.93, kind


x, y = textures(1200)
xv, yv = textures(300)
net = nn.Sequential(conv(1, 12), nn.MaxPool2d(2), conv(12, 16), conv(16, 16), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 4))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(1200).split(40):
        loss = nn.functional.cross_entropy(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(xv)
        acc = (out.argmax(1) == yv).float().mean().item()
        nll = nn.functional.cross_entropy(out, yv).item()
    print(f"epoch {epoch} train {loss.item():.3f} val nll {nll:.3f} acc {acc:.3f}")
print(f"final_metric={-nll:.4f}")
