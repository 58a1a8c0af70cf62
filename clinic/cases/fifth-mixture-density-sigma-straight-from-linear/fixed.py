import math
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
K = 3

def sample(n):
    """inverse problem: y given x has up to three branches"""
    y = torch.rand(n, 1) * 2 - 1
    x = y + 0.6 * torch.sin(2 * math.pi * y) + 0.08 * torch.randn(n, 1)
    return x, y

class MDN(nn.Module):
    def __init__(self, h=64):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(1, h), nn.Tanh(), nn.Linear(h, h), nn.Tanh())
        self.pi, self.mu, self.sigma = nn.Linear(h, K), nn.Linear(h, K), nn.Linear(h, K)
        nn.init.constant_(self.pi.bias, 0.)

    def forward(self, x):
        h = self.trunk(x)
        return self.pi(h).log_softmax(1), self.mu(h), self.sigma(h).exp()

def nll(logpi, mu, sigma, y):
    z = (y - mu) / sigma
    logp = -0.5 * z ** 2 - torch.log(sigma) - 0.5 * math.log(2 * math.pi)
    return -torch.logsumexp(logpi + logp, 1)

model = MDN()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
xv, yv = sample(2000)
for epoch in range(30):
    x, y = sample(4000)
    for i in torch.randperm(4000).split(100):
        loss = nll(*model(x[i]), y[i]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        v = nll(*model(xv), yv).mean().item()
    print(f'epoch {epoch} nll {loss.item():.4f} val {v:.4f}')
# gain in nats over the marginal (uniform on [-1, 1])
gain = math.log(2) - v
print('final_metric=%.4f' % (gain if math.isfinite(gain) else -1.0))
