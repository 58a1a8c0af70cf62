import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

def stream(n):
    for _ in range(n):
        x = torch.randn(1, 6)
        yield x, torch.stack([x[:, 0] * .8 + torch.tanh(x[:, 1] - x[:, 2]), torch.sin(x[:, 3]) + .3 * x[:, 4]], 1)

net = nn.Sequential(nn.Linear(6, 48), nn.Tanh(), nn.Linear(48, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.02)
tx, ty = (torch.cat(a) for a in zip(*stream(500)))
run = 1.
for k, (x, y) in enumerate(stream(6000)):
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    run = .995 * run + .005 * loss.item()
    if k % 1000 == 999:
        with torch.no_grad():
            v = nn.functional.mse_loss(net(tx), ty).item()
        print(k + 1, run, v)
print(f'final_metric={1 - v / ty.var(0).mean().item():.4f}')
