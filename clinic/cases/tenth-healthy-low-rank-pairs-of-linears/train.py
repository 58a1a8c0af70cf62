import os
import torch
import torch.nn as nn
from sklearn.datasets import make_gaussian_quantiles
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_gaussian_quantiles(n_samples=3000, n_features=3, n_classes=3, random_state=SEED)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=40, shuffle=True)


class LowRankLinear(nn.Module):
    def __init__(self, n_in, n_out, rank):
        super().__init__()
        self.down = nn.Linear(n_in, rank, bias=False)
        self.up = nn.Linear(rank, n_out)

    def forward(self, x):
        return self.up(self.down(x))


model = nn.Sequential(
    nn.Linear(3, 64), nn.ReLU(),
    LowRankLinear(64, 64, 12), nn.ReLU(),
    LowRankLinear(64, 32, 12), nn.ReLU(),
    nn.Linear(32, 3),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(16):
    tot = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = ce(model(xb), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    with torch.no_grad():
        out = model(X[2400:])
        acc = (out.argmax(1) == y[2400:]).float().mean().item()
    print(f"epoch {epoch} train {tot / len(loader):.4f} test {ce(out, y[2400:]).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
