import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

FRUIT = torch.tensor([[.85, .15, .2], [.9, .75, .2], [.35, .6, .15], [.35, .15, .5], [.95, .55, .15]])

def camera(n):
    y = torch.randint(0, 5, (n,))
    yy, xx = torch.meshgrid(torch.linspace(-1, 1, 16), torch.linspace(-1, 1, 16), indexing='ij')
    cy, cx, r = (torch.rand(3, n, 1, 1) * .6 - .3)
    blob = (((yy - cy) ** 2 + (xx - cx) ** 2) < (.5 + r) ** 2).float()
    background = torch.tensor([.55, .5, .42])
    img = background[None, :, None, None] * (1 - blob[:, None]) + FRUIT[y][:, :, None, None] * blob[:, None]
    return (img + .12 * torch.randn(n, 3, 16, 16)).clamp(0, 1), y

def read_train():
    img, y = camera(1800)
    return img, y

def read_val():
    img, y = camera(500)
    return img, y

xtr, ytr = read_train()
xva, yva = read_val()
mean = xtr.mean((0, 2, 3), keepdim=True)
std = xtr.std((0, 2, 3), keepdim=True)
xtr, xva = (xtr - mean) / std, (xva - mean) / std
model = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(),
                      nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(96, 5))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(6):
    model.train()
    tot = 0
    for b in torch.randperm(len(xtr)).split(32):
        x = xtr[b]
        x = torch.where(torch.rand(len(b), 1, 1, 1) < .5, x.flip(3), x)
        loss = nn.functional.cross_entropy(model(x), ytr[b], label_smoothing=0.05)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        o = model(xva)
        acc = (o.argmax(1) == yva).float().mean().item()
        print(f'epoch {epoch} train {tot / len(xtr):.4f} val {nn.functional.cross_entropy(o, yva).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
