import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
r = np.random.RandomState(SEED)


def gratings(n, size=14):
    k = r.randint(0, 5, n)
    angle = k * np.pi / 5 + 0.08 * r.randn(n)
    g = np.mgrid[:size, :size]
    freq = r.uniform(0.7, 1.1, n)
    phase = r.uniform(0, 6.28, n)
    w = np.sin(freq[:, None, None] * (g[0] * np.cos(angle)[:, None, None] + g[1] * np.sin(angle)[:, None, None]) + phase[:, None, None])
    img = 127 + 70 * w + 35 * r.randn(n, size, size)
    return torch.tensor(np.clip(img, 0, 255).astype("uint8")).unsqueeze(1), torch.tensor(k)


def prepare(img):
    return img.float() / 127.5 - 1


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(1, 12, 5, padding=2)
        self.b = nn.Conv2d(12, 16, 3, padding=1)
        self.c = nn.Linear(16, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.a(x)), 2)
        return self.c(F.relu(self.b(x)).mean((2, 3)))


x, y = gratings(2000)
xv, yv = gratings(500)
net, steps = ConvNet(), 0
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(10):
    net.train()
    for i in torch.randperm(2000).split(40):
        loss = F.cross_entropy(net(prepare(x[i])), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(prepare(xv))
    acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val loss {F.cross_entropy(out, yv).item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
