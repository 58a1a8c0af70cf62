import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
cfg = dict(lr=0.05, momentum=0.9, weight_decay=0.2, epochs=15)


def strokes(writer, n):
    t = torch.linspace(0, 6.28, 24)
    a, b, c = writer[:, None, :].unbind(-1)
    wave = torch.sin(t * (1 + 0.5 * a)) + torch.cos(2 * t + 2 * b) * (0.5 + 0.4 * c)
    return wave + 0.25 * torch.randn(n, 24)


def pairs(n):
    w = torch.randn(n, 3)
    same = (torch.rand(n) < 0.5)
    other = torch.where(same[:, None], w, torch.randn(n, 3))
    return strokes(w, n), strokes(other, n), same.float()


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 16))
        self.head = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, a, b):
        return self.head((self.enc(a) - self.enc(b)).abs()).squeeze(1)


left, right, same = pairs(3000)
lv, rv, sv = pairs(600)
net = Siamese()
opt = torch.optim.SGD(net.parameters(), lr=cfg["lr"], momentum=cfg["momentum"], weight_decay=cfg["weight_decay"])
for epoch in range(cfg["epochs"]):
    s = 0.0
    for b in torch.randperm(3000).split(50):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(left[b], right[b]), same[b])
        loss.backward()
        opt.step()
        s += loss.item() / 60
    with torch.no_grad():
        acc = ((net(lv, rv) > 0).float() == sv).float().mean().item()
    print(f"{epoch:3d}  {s:.4f}  {acc:.4f}")
print(f"final_metric={acc:.4f}")
