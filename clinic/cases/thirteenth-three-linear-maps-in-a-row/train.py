import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(10, 64)
        self.l2 = nn.Linear(64, 64)
        self.l3 = nn.Linear(64, 1)

    def forward(self, x):
        x = self.l1(x)
        x = self.l2(x)
        return self.l3(x)


X, y = make_friedman1(2500, noise=0.2, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
net = Regressor()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
criterion = nn.SmoothL1Loss()
for epoch in range(15):
    for b in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = criterion(net(X[b]), y[b])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (net(X[2000:]) - y[2000:]).square().mean() / y[2000:].var()
print(f"final_metric={r2.item():.4f}")
