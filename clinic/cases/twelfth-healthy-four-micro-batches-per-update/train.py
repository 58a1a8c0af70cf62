import os
import torch
from torch import nn
from sklearn.datasets import make_moons
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(3000, noise=0.15, random_state=seed)
X = (X - X[:2400].mean(0)) / X[:2400].std(0)
X, y = torch.tensor(X).float(), torch.tensor(y).float()
loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=8, shuffle=True)
ACCUMULATE = 4
net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
bce = nn.BCEWithLogitsLoss()
opt.zero_grad()
for epoch in range(6):
    net.train()
    for i, (xb, yb) in enumerate(loader):
        loss = bce(net(xb).squeeze(1), yb) / ACCUMULATE
        loss.backward()
        if (i + 1) % ACCUMULATE == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        acc = ((net(X[2400:]).squeeze(1) > 0).float() == y[2400:]).float().mean().item()
    print(epoch, acc)
print(f"final_metric={acc:.4f}")
