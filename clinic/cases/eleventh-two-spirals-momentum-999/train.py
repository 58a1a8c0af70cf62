import os
import math
import torch
from torch import nn
torch.manual_seed(int(os.environ.get('SEED', 0)))

def spirals(n):
    y = torch.randint(0, 2, (n,))
    r = torch.rand(n).sqrt()
    a = 2.2 * math.pi * r + math.pi * y
    x = torch.stack([r * torch.cos(a), r * torch.sin(a)], 1) + 0.015 * torch.randn(n, 2)
    return x / 0.5, y

x, y = spirals(1500)
xt, yt = spirals(500)

def run(name, make_opt, epochs=30):
    net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    opt = make_opt(net.parameters())
    hist = []
    for e in range(epochs):
        for b in torch.randperm(len(x)).split(50):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
            loss.backward()
            opt.step()
        with torch.no_grad():
            hist.append((net(xt).argmax(1) == yt).float().mean().item())
    print(name, [round(h, 2) for h in hist[::5]], 'final', hist[-1])
    return hist[-1]

acc = run('sgd + heavy momentum', lambda p: torch.optim.SGD(p, lr=0.03, momentum=0.999))
print(f'final_metric={acc:.4f}')
