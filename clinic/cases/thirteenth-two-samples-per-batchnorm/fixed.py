import os
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
X, y = torch.tensor(scale(X), dtype=torch.float32), torch.tensor(y)
X = X + 0.5 * torch.randn_like(X)
p = torch.randperm(len(y))
train = DataLoader(TensorDataset(X[p[:120]], y[p[:120]]), batch_size=24, shuffle=True)
test_x, test_y = X[p[120:]], y[p[120:]]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b1, self.b2, self.b3 = nn.BatchNorm1d(32), nn.BatchNorm1d(32), nn.BatchNorm1d(32)
        self.l1, self.l2, self.l3 = nn.Linear(13, 32), nn.Linear(32, 32), nn.Linear(32, 32)
        self.out = nn.Linear(32, 3)

    def forward(self, x):
        x = torch.relu(self.b1(self.l1(x)))
        x = torch.relu(self.b2(self.l2(x)))
        x = torch.relu(self.b3(self.l3(x)))
        return self.out(x)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(15):
    net.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(test_x).argmax(1) == test_y).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
