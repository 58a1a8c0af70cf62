import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor(X, dtype=torch.float32)
X = (X - X.mean()) / X.std()
y = torch.tensor(y)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
loader = DataLoader(TensorDataset(X[tr], y[tr]), batch_size=32, shuffle=True)

model = nn.Sequential(nn.Linear(64, 40), nn.LayerNorm(40), nn.GELU(), nn.Linear(40, 10))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
ce = nn.CrossEntropyLoss()


def score():
    model.eval()
    with torch.no_grad():
        out = model(X[va])
    return ce(out, y[va]).item(), (out.argmax(1) == y[va]).float().mean().item()


print("start", score())
for epoch in range(10):
    s = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = ce(model(xb), yb)
        loss.backward()
        opt.step()
        s += loss.item()
    vl, acc = score()
    print(f"epoch {epoch} train {s / len(loader):.4f} val {vl:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
