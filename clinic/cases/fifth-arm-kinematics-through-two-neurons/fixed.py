import os, argparse
import torch
from torch import nn

def get_args():
    p = argparse.ArgumentParser()
    p.add_argument('--lr', type=float, default=3e-3)
    p.add_argument('--epochs', type=int, default=12)
    p.add_argument('--width', type=int, default=96)
    p.add_argument('--seed', type=int, default=int(os.environ.get('SEED', 0)))
    return p.parse_args([])

def arm(n):
    """three joints -> position and height of the gripper"""
    q = (torch.rand(n, 3) * 2 - 1) * torch.tensor([2.5, 1.5, 1.5])
    a, b = q[:, 1], q[:, 1] + q[:, 2]
    r = torch.cos(a) + .8 * torch.cos(b)
    p = torch.stack([r * torch.cos(q[:, 0]), r * torch.sin(q[:, 0]), torch.sin(a) + .8 * torch.sin(b)], 1)
    return q / q.std(0), p + .02 * torch.randn(n, 3)

args = get_args()
torch.manual_seed(args.seed)
q, p = arm(6000)
qv, pv = arm(1000)
mu, sd = p.mean(0), p.std(0)
p, pv = (p - mu) / sd, (pv - mu) / sd
net = nn.Sequential(nn.Linear(3, args.width), nn.Tanh(), nn.Linear(args.width, args.width), nn.Tanh(), nn.Linear(args.width, 3))
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    tot = 0.
    for b in torch.randperm(len(q)).split(64):
        loss = (net(q[b]) - p[b]).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / len(q)
    with torch.no_grad():
        v = (net(qv) - pv).square().mean().item()
    print(f'epoch {epoch}: train {tot:.4f} val {v:.4f}')
print(f'final_metric={1 - v:.4f}')
