import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
PEAKS = torch.randint(4, 44, (5, 3))

def spectra(n):
    y = torch.randint(0, 5, (n,))
    f = torch.arange(48.)
    x = torch.zeros(n, 48)
    for k in range(3):
        c = PEAKS[y, k][:, None] + .7 * torch.randn(n, 1)
        x += torch.exp(torch.randn(n, 1) * .6 + .5) * torch.exp(-((f - c) / 1.5) ** 2)
    return x + torch.rand(n, 48).mul(.5), y

class Pipeline:
    def __init__(self, *steps):
        self.steps = steps
    def __call__(self, x):
        for s in self.steps:
            x = s(x)
        return x

log = lambda x: torch.log(x + .05)
scale = lambda x: (x + 1.) / 0.9
train_pipe = Pipeline(log, scale, lambda x: x + .05 * torch.randn_like(x))
val_pipe = Pipeline(log, scale)

xtr, ytr = spectra(3000)
xva, yva = spectra(800)
net = nn.Sequential(nn.Linear(48, 64), nn.ReLU(), nn.Dropout(.1), nn.Linear(64, 5))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    net.train()
    for b in torch.randperm(3000).split(50):
        loss = nn.functional.cross_entropy(net(train_pipe(xtr[b])), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(val_pipe(xva))
    acc = (o.argmax(1) == yva).float().mean().item()
    print(epoch, 'train', round(loss.item(), 4), 'val', round(nn.functional.cross_entropy(o, yva).item(), 4), 'acc', round(acc, 4))
print('final_metric=%.4f' % acc)
