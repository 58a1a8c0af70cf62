import os
import torch
from torch import nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
x = torch.tensor(load_digits().data, dtype=torch.float32)
x = (x - x.mean(0)) / (x.std(0) + 1.)
perm = torch.randperm(len(x))
train, val = x[perm[:1400]], x[perm[1400:]]
Act = nn.Sigmoid
widths = [64, 56, 48, 40, 32, 24, 32, 40, 48, 56]
layers = []
for a, b in zip(widths[:-1], widths[1:]):
    layers += [nn.Linear(a, b), Act()]
auto = nn.Sequential(*layers, nn.Linear(widths[-1], 64))
opt = torch.optim.Adam(auto.parameters(), lr=2e-3)
for epoch in range(20):
    auto.train()
    tot = 0.
    for b in torch.randperm(len(train)).split(32):
        loss = nn.functional.mse_loss(auto(train[b]), train[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / len(train)
    auto.eval()
    with torch.no_grad():
        v = nn.functional.mse_loss(auto(val), val).item()
    print(f'epoch {epoch} train {tot:.4f} val {v:.4f}')
print(f'final_metric={1 - v / (val - train.mean(0)).pow(2).mean().item():.4f}')
