import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))

centres = torch.randn(5, 16) * 1.2
y = torch.randint(0, 5, (1500,))
x = centres[y] + 0.8 * torch.randn(1500, 16)
x = (x - x[:1200].mean(0)) / x[:1200].std(0)
loader = DataLoader(TensorDataset(x[:1200], y[:1200]), batch_size=8, shuffle=True)

net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 5))
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3)
for epoch in range(8):
    net.train()
    total = 0.0
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    net.eval()
    with torch.no_grad():
        acc = (net(x[1200:]).argmax(1) == y[1200:]).float().mean().item()
    print(epoch, round(total / len(loader), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
