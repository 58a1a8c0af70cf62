import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

X, y = make_classification(2400, 30, n_informative=14, n_redundant=0, n_classes=4, n_clusters_per_class=1,
                           class_sep=1.2, flip_y=0.0, random_state=SEED)
X, y = torch.tensor(X).float(), torch.tensor(y)
X = (X - X[:1800].mean(0)) / X[:1800].std(0)
loader = DataLoader(TensorDataset(X[:1800], y[:1800]), batch_size=2, shuffle=True, drop_last=True)

model = nn.Sequential(
    nn.Linear(30, 48), nn.BatchNorm1d(48), nn.ReLU(),
    nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU(),
    nn.Linear(48, 4),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(6):
    model.train()
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(X[1800:]).argmax(1) == y[1800:]).float().mean().item()
    print(f'epoch {epoch + 1} train {total / len(loader):.4f} val acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
