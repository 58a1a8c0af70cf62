import argparse, os
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--hidden", type=int, default=48)
p.add_argument("--depth", type=int, default=3)
p.add_argument("--lr", type=float, default=2e-3)
p.add_argument("--epochs", type=int, default=15)
p.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
a = p.parse_args()
torch.manual_seed(a.seed)

def returns(n):
    f = torch.randn(n, 8)
    r = f[:, 0] * f[:, 1] + torch.sin(2 * f[:, 2]) - .5 * f[:, 3] + .1 * torch.randn(n)
    return f, (r / 1.35)[:, None]

xtr, ytr = returns(4000)
xva, yva = returns(1000)
layers = []
width = 8
for _ in range(a.depth):
    layers += [nn.Linear(width, a.hidden), nn.ReLU()]
    width = a.hidden
layers += [nn.Linear(width, 1), nn.ReLU()]
net = nn.Sequential(*layers)
loss_fn = nn.MSELoss()
opt = torch.optim.Adam(net.parameters(), lr=a.lr)
for epoch in range(a.epochs):
    net.train()
    for idx in torch.randperm(len(xtr)).split(64):
        opt.zero_grad()
        loss = loss_fn(net(xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = loss_fn(net(xva), yva)
    print(f"{epoch:02d} train {loss.item():.4f} val {v.item():.4f}")
print(f"final_metric={1 - v.item() / yva.var().item():.4f}")
