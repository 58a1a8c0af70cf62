import copy
import math
import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def task():
    amp, phase = 0.5 + 1.5 * torch.rand(1), math.pi * torch.rand(1)
    return lambda x: amp * torch.sin(x * 2 + phase)


def adapt(net, f, steps, lr=0.03):
    inner = torch.optim.SGD(net.parameters(), lr=lr)
    x = torch.rand(10, 1) * 4 - 2
    y = f(x)
    for _ in range(steps):
        loss = (net(x) - y).pow(2).mean()
        inner.zero_grad()
        loss.backward()
        inner.step()
    return loss.item()


net = nn.Sequential(nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
outer = 1.0
iters = 500
for it in range(iters):
    slow = copy.deepcopy(net.state_dict())
    last = adapt(net, task(), 8)
    rate = outer * (1 - it / iters)
    fast = net.state_dict()
    net.load_state_dict({k: slow[k] + rate * (fast[k] - slow[k]) for k in slow})
    if it % 100 == 99:
        print(f"iteration {it + 1} inner loss {last:.4f}")
start = copy.deepcopy(net.state_dict())
grid = torch.linspace(-2, 2, 80)[:, None]
num = den = 0.0
for _ in range(15):
    f = task()
    net.load_state_dict(start)
    adapt(net, f, 20)
    with torch.no_grad():
        num += (net(grid) - f(grid)).pow(2).mean().item()
        den += f(grid).var().item()
print(f"final_metric={1 - num / den:.4f}")
