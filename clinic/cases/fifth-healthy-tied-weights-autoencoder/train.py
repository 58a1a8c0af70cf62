import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))
x = torch.tensor(load_digits().data, dtype=torch.float32)
x = (x - x.mean(0)) / (x.std(0) + 1.)
p = torch.randperm(len(x))
train, val = x[p[:1400]], x[p[1400:]]


class Tied(nn.Module):
    def __init__(self, sizes=(64, 40, 16)):
        super().__init__()
        self.W = nn.ParameterList(nn.Parameter(torch.randn(o, i) / i ** .5) for i, o in zip(sizes, sizes[1:]))
        self.be = nn.ParameterList(nn.Parameter(torch.zeros(o)) for o in sizes[1:])
        self.bd = nn.ParameterList(nn.Parameter(torch.zeros(i)) for i in sizes[:-1])

    def forward(self, x):
        h = torch.tanh(F.linear(x, self.W[0], self.be[0]))
        z = F.linear(h, self.W[1], self.be[1])
        h = torch.tanh(F.linear(z, self.W[1].T, self.bd[1]))
        return F.linear(h, self.W[0].T, self.bd[0])


net = Tied()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(20):
    for b in torch.randperm(1400).split(32):
        loss = F.mse_loss(net(train[b]), train[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        v = F.mse_loss(net(val), val).item()
    print(epoch, loss.item(), v)
print(f'final_metric={1 - v / (val - train.mean(0)).pow(2).mean().item():.4f}')
