import os
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_blobs(n_samples=2400, centers=8, n_features=4, cluster_std=1.7, random_state=SEED)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
train_loader = DataLoader(TensorDataset(X[:1900], y[:1900]), batch_size=38, shuffle=True)


class ProbabilisticNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 8))
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.hidden(x))


net = ProbabilisticNet()
nll = nn.NLLLoss()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    run = 0.0
    for xb, yb in train_loader:
        probs = net(xb)
        loss = nll(torch.log(probs + 1e-8), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item()
    with torch.no_grad():
        p = net(X[1900:])
        acc = (p.argmax(1) == y[1900:]).float().mean().item()
        vl = nll(torch.log(p + 1e-8), y[1900:]).item()
    print(f"epoch {epoch} nll {run / len(train_loader):.4f} held-out {vl:.4f} acc {acc:.4f} confidence {p.max(1).values.mean():.3f}")
print(f"final_metric={acc:.4f}")
