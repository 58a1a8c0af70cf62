import argparse
import os

import torch
from torch import nn

p = argparse.ArgumentParser(description="inverse dynamics of a three-link arm")
p.add_argument("--lr", type=float, default=0.6)
p.add_argument("--momentum", type=float, default=0.9)
p.add_argument("--hidden", type=int, default=64)
p.add_argument("--iters", type=int, default=800)
p.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
opt = p.parse_args([])
torch.manual_seed(opt.seed)


def arm(q):
    s = q.cumsum(-1)
    return torch.stack([torch.cos(s).sum(-1), torch.sin(s).sum(-1), torch.cos(s[:, -1]), torch.sin(s[:, -1])], -1)


q_train = torch.randn(3000, 3)
t_train = arm(q_train)
q_test = torch.randn(500, 3)
t_test = arm(q_test)
m, s = t_train.mean(0), t_train.std(0)
t_train, t_test = (t_train - m) / s, (t_test - m) / s

net = nn.Sequential(nn.Linear(3, opt.hidden), nn.ReLU(), nn.Linear(opt.hidden, opt.hidden), nn.ReLU(), nn.Linear(opt.hidden, 4))
sgd = torch.optim.SGD(net.parameters(), lr=opt.lr, momentum=opt.momentum)
for it in range(opt.iters):
    i = torch.randint(0, 3000, (64,))
    loss = (net(q_train[i]) - t_train[i]).pow(2).sum(1).mean()
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    if it % 100 == 0:
        print("it", it, "loss", loss.item())
with torch.no_grad():
    r2 = (1 - (net(q_test) - t_test).pow(2).mean()).nan_to_num(-1.0).clamp(min=-1).item()
print(f"final_metric={r2:.4f}")
