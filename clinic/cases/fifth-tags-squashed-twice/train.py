import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
TAGS = ['drums', 'voice', 'strings', 'synth', 'noise']
spec = torch.rand(5, 32).pow(6) * 3


def clips(n):
    on = (torch.rand(n, 5) < torch.tensor([.4, .35, .25, .3, .3])).float()
    gain = .5 + torch.rand(n, 5)
    x = (on * gain) @ spec + .25 * torch.randn(n, 32)
    return (x - .45) / .7, on


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.heads = nn.ModuleDict({t: nn.Sequential(nn.Linear(64, 1), nn.Sigmoid()) for t in TAGS})

    def forward(self, x):
        h = self.body(x)
        return torch.cat([self.heads[t](h) for t in TAGS], 1)


net = Tagger()
bce = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
x, y = clips(4000)
xv, yv = clips(1000)
for epoch in range(10):
    net.train()
    for b in torch.randperm(4000).split(50):
        loss = bce(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(xv)
        pred = (torch.sigmoid(o) > .5).float()
        f1 = (2 * (pred * yv).sum() / (pred.sum() + yv.sum())).item()
    print(f'{epoch} loss {loss.item():.4f} val {bce(o, yv).item():.4f} micro-F1 {f1:.4f}')
print(f'final_metric={f1:.4f}')
