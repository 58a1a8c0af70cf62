import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
CH = (16, 32)


class MicroNet(nn.Module):
    """must fit into 16 kB"""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, CH[0], 3, padding=1), nn.LeakyReLU(0.1),
            nn.MaxPool2d(2),
            nn.Conv2d(CH[0], CH[1], 3, padding=1), nn.LeakyReLU(0.1),
            nn.AvgPool2d(2))
        self.out = nn.Linear(CH[1] * 4, 10)

    def forward(self, x):
        return self.out(self.features(x).flatten(1))


data, target = load_digits(return_X_y=True)
data = torch.tensor(data, dtype=torch.float32).reshape(-1, 1, 8, 8)
target = torch.tensor(target)
perm = torch.randperm(len(data))
data, target = data[perm], target[perm]
data = (data - data[:1350].mean()) / data[:1350].std()
net = MicroNet()
print("bytes:", 4 * sum(p.numel() for p in net.parameters()))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    for idx in torch.randperm(1350).split(45):
        loss = nn.functional.cross_entropy(net(data[idx]), target[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(data[1350:]).argmax(1) == target[1350:]).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 3), "acc", round(acc, 3))
print(f"final_metric={acc:.4f}")
