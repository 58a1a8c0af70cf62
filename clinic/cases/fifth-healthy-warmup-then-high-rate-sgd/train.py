import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get('SEED', 0)))
mix = torch.randn(6, 24, 4)
def patterns(n):
    y = torch.randint(0, 6, (n,))
    z = torch.randn(n, 4)
    x = torch.einsum('nij,nj->ni', mix[y], z) * .5 + .35 * torch.randn(n, 24)
    return x / 1.06, y

train, val = patterns(6000), patterns(1000)
net = nn.Sequential(nn.Linear(24, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 6))
loader = DataLoader(TensorDataset(*train), 100, shuffle=True)
EPOCHS = 10
total = EPOCHS * len(loader)
opt = torch.optim.SGD(net.parameters(), lr=0.8, weight_decay=5e-4)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: (s + 1) / 150 if s < 150 else max(0., (total - s) / (total - 150)))
for epoch in range(EPOCHS):
    net.train()
    run = 0.
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        sched.step()
        run += loss.item() / len(loader)
    net.eval()
    with torch.no_grad():
        o = net(val[0])
        acc = (o.argmax(1) == val[1]).float().mean().item()
    print(f'{epoch} train {run:.4f} val {nn.functional.cross_entropy(o, val[1]).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
