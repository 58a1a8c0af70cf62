import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


class LowRank(nn.Module):
    """y = W x + B A x, W fixed"""
    def __init__(self, lin, r=6):
        super().__init__()
        self.lin = lin
        for p in lin.parameters():
            p.requires_grad_(False)
        self.A = nn.Parameter(torch.zeros(r, lin.in_features))
        self.B = nn.Parameter(torch.zeros(lin.out_features, r))

    def forward(self, x):
        return self.lin(x) + x @ self.A.T @ self.B.T


basis = torch.randn(4, 20, 20) / 20 ** .5
def domain(n, d, noise=.1):
    x = torch.randn(n, 20)
    s = torch.tanh(2 * x @ basis[d]) @ basis[2][:, :5]
    return x, (s + noise * torch.randn(n, 5)).argmax(1)

def train(net, params, data, val, epochs, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for ep in range(epochs):
        net.train()
        for b in torch.randperm(len(data[0])).split(64):
            loss = nn.functional.cross_entropy(net(data[0][b]), data[1][b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            o = net(val[0])
            acc = (o.argmax(1) == val[1]).float().mean().item()
        print(f'  {ep} loss {loss.item():.4f} val {nn.functional.cross_entropy(o, val[1]).item():.4f} acc {acc:.4f}')
    return acc

net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 5))
print('base task')
train(net, net.parameters(), domain(4000, 0), domain(800, 0), 6, 2e-3)
basis[1] = basis[0] + .8 * basis[3]          # the new domain is a relative of the first
for i in (0, 2):
    net[i] = LowRank(net[i])
print('adapters only')
adapters = [p for m in net if isinstance(m, LowRank) for p in (m.A, m.B)] + list(net[4].parameters())[1:]
acc = train(net, adapters, domain(5000, 1), domain(1000, 1), 8, 3e-3)
print(f'final_metric={acc:.4f}')
