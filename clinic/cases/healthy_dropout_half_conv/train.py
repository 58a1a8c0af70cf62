import os, torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 3, padding=1)
        self.conv2 = nn.Conv2d(20, 40, 3, padding=1)
        self.drop2d = nn.Dropout2d(0.1)
        self.fc1 = nn.Linear(160, 100)
        self.fc2 = nn.Linear(100, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = self.drop2d(F.max_pool2d(F.relu(self.conv2(x)), 2))
        x = F.relu(self.fc1(x.flatten(1)))
        x = F.dropout(x, 0.5, training=self.training)
        return self.fc2(x)

d = load_digits()
x = torch.from_numpy(d.images).float()[:, None] / 8 - 0.6
t = torch.from_numpy(d.target)
perm = torch.randperm(len(x)); tr = perm[:1400]; te = perm[1400:]
net = Net()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(14):
    net.train()
    for i in tr[torch.randperm(1400)].split(56):
        opt.zero_grad()
        F.cross_entropy(net(x[i]), t[i]).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(x[te]).argmax(1) == t[te]).float().mean().item()
    print(epoch, acc)
print(f"final_metric={acc:.4f}")
