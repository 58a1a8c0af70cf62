import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
DEV = 'cpu'
BATCH_SIZE = None


def bursts(n):
    y = torch.randint(0, 5, (n,))
    t = torch.linspace(-1, 1, 64)
    centre = torch.rand(n, 1) - .5
    width = torch.tensor([.04, .08, .14, .22, .32])[y][:, None]
    x = torch.exp(-((t - centre) / width) ** 2) * torch.cos(20 * (t - centre)) + .15 * torch.randn(n, 64)
    return (x / .3)[:, None], y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(1, 12, 7, stride=2, padding=3), nn.ReLU(), nn.Conv1d(12, 24, 5, stride=2, padding=2), nn.ReLU(), nn.AdaptiveMaxPool1d(4))
        self.fc = nn.Linear(96, 5)

    def forward(self, x):
        return self.fc(self.body(x).flatten(1))


x, y = bursts(12000)
xv, yv = bursts(1000)
BATCH_SIZE = 64
net = Net().to(DEV)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(len(x)).split(BATCH_SIZE):
        logits = net(x[idx])
        loss = nn.functional.cross_entropy(logits, y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(xv)
    print(epoch, loss.item(), nn.functional.cross_entropy(o, yv).item(), (o.argmax(1) == yv).float().mean().item())
print('final_metric=%.4f' % (o.argmax(1) == yv).float().mean())
