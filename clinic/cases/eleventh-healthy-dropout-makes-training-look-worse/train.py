import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_classification(4000, 20, n_informative=10, n_redundant=0, n_classes=3, n_clusters_per_class=2, class_sep=2.0,
                           flip_y=0.0, random_state=SEED)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
X = (X - X[:3000].mean(0)) / X[:3000].std(0)
x_tr, y_tr, x_va, y_va = X[:3000], y[:3000], X[3000:], y[3000:]

model = nn.Sequential(
    nn.Linear(20, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.5),
    nn.Linear(128, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5),
    nn.Linear(64, 3))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)

for epoch in range(12):
    model.train()
    tr = 0.0
    for idx in torch.randperm(3000).split(50):
        optimizer.zero_grad()
        loss = criterion(model(x_tr[idx]), y_tr[idx])
        loss.backward()
        optimizer.step()
        tr += loss.item() * len(idx) / 3000
    model.eval()
    with torch.no_grad():
        out = model(x_va)
        va, acc = criterion(out, y_va).item(), (out.argmax(1) == y_va).float().mean().item()
    print(f"epoch {epoch + 1:2d} train {tr:.4f} val {va:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
