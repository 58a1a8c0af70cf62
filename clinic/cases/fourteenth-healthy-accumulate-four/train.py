import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = (torch.tensor(d.images).float()[:, None] - 4.88) / 6.02
y = torch.tensor(d.target)
perm = torch.randperm(len(y))
loader = DataLoader(TensorDataset(x[perm[:1400]], y[perm[:1400]]), batch_size=8, shuffle=True, drop_last=True)
xv, yv = x[perm[1400:]], y[perm[1400:]]
ACCUMULATE = 4

net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.GroupNorm(4, 8), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.ReLU(),
    nn.Flatten(), nn.Linear(256, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
for epoch in range(7):
    net.train()
    opt.zero_grad()
    for i, (xb, yb) in enumerate(loader):
        loss = nn.functional.cross_entropy(net(xb), yb) / ACCUMULATE
        loss.backward()
        if (i + 1) % ACCUMULATE == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(epoch, loss.item() * ACCUMULATE, acc)
print(f"final_metric={acc:.4f}")
