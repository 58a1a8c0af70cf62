import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


def norm(c):
    return nn.BatchNorm1d(c)


class Regressor(nn.Module):
    def __init__(self, d=16, h=32):
        super().__init__()
        self.l1, self.n1 = nn.Linear(d, h), norm(h)
        self.l2, self.n2 = nn.Linear(h, h), norm(h)
        self.out = nn.Linear(h, 1)

    def forward(self, x):
        x = torch.relu(self.n1(self.l1(x)))
        x = torch.relu(self.n2(self.l2(x)))
        return self.out(x)[:, 0]


W = torch.randn(16, 4) / 4
def volumes(n):
    """texture features of a scan and the patient's age (standardised)"""
    x = torch.randn(n, 16)
    z = x @ W
    age = torch.sin(1.2 * z[:, 0]) + .8 * z[:, 1] + .5 * z[:, 2] * z[:, 3] + .1 * torch.randn(n)
    return x, age / 1.2


x, y = volumes(2400)
xv, yv = volumes(600)
net = Regressor()
opt = torch.optim.Adam(net.parameters(), lr=5e-4)
for epoch in range(4):
    net.train()
    for b in torch.randperm(2400).split(2):
        loss = nn.functional.mse_loss(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        v = nn.functional.mse_loss(net(xv), yv).item()
    print(f'epoch {epoch} val mse {v:.4f}')
print(f'final_metric={1 - v / yv.var().item():.4f}')
