import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
HIDDEN = 32


def rings(n, k=3):
    y = torch.randint(0, k, (n,))
    a = torch.rand(n) * 2 * torch.pi
    r = 0.5 + y + 0.12 * torch.randn(n)
    return torch.stack([r * a.cos(), r * a.sin()], 1) / 1.2, y


loader = DataLoader(TensorDataset(*rings(2500)), batch_size=32, shuffle=True)
xt, yt = rings(1000)
net = nn.Sequential(nn.Linear(2, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(15):
    net.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xt).argmax(1) == yt).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
