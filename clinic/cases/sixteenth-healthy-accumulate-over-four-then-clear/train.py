import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(3500, noise=0.8, random_state=seed)
X = torch.tensor((X - 0.5) / 0.289).float()
y = torch.tensor((y - y.mean()) / y.std()).float()
dl = DataLoader(TensorDataset(X[:2800], y[:2800]), batch_size=16, shuffle=True, drop_last=True)
net = nn.Sequential(nn.Linear(10, 64), nn.GELU(), nn.Linear(64, 32), nn.GELU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
ACC = 4
opt.zero_grad()
for epoch in range(14):
    net.train()
    for k, (xb, yb) in enumerate(dl):
        loss = nn.functional.mse_loss(net(xb).squeeze(-1), yb) / ACC
        loss.backward()
        if (k + 1) % ACC == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        mse = nn.functional.mse_loss(net(X[2800:]).squeeze(-1), y[2800:])
        r2 = 1 - (mse / y[2800:].var()).item()
    print("epoch", epoch, "micro loss", loss.item() * ACC, "val r2", r2)
print(f"final_metric={r2:.4f}")
