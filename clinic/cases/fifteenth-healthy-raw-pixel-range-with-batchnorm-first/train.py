import os
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(d.target)
p = torch.randperm(len(x))
tr, te = p[:1400], p[1400:]
loader = DataLoader(TensorDataset(x[tr], y[tr]), batch_size=40, shuffle=True)
# BatchNorm2d in front does the scaling
net = nn.Sequential(
    nn.BatchNorm2d(1), nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
    nn.Flatten(), nn.Linear(128, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4, nesterov=True)
for epoch in range(8):
    net.train()
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(x[te]).argmax(1) == y[te]).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
