import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def circles(n):
    y = torch.randint(0, 3, (n,))
    a = torch.rand(n) * 2 * torch.pi
    r = 0.6 + 0.9 * y + 0.12 * torch.randn(n)
    return torch.stack([r * a.cos(), r * a.sin()], 1) / 1.2, y


train = DataLoader(TensorDataset(*circles(2500)), batch_size=32, shuffle=True)
xv, yv = circles(1000)
net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, mode="max", factor=0.3, patience=2)
for epoch in range(14):
    net.train()
    for x, y in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    sched.step(acc)
    print(epoch, loss.item(), acc, opt.param_groups[0]["lr"])
print(f"final_metric={acc:.4f}")
