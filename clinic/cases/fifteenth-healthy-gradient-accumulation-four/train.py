import os

import torch
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(3200, 18, n_informative=9, n_classes=3, class_sep=1.5, random_state=8)
X = torch.tensor(StandardScaler().fit(X[:2600]).transform(X), dtype=torch.float32)
y = torch.tensor(y)
model = nn.Sequential(nn.Linear(18, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
ACCUM, MICRO = 4, 10
for epoch in range(10):
    optimizer.zero_grad()
    for i, b in enumerate(torch.randperm(2600).split(MICRO)):
        loss = nn.functional.cross_entropy(model(X[b]), y[b]) / ACCUM
        loss.backward()
        if (i + 1) % ACCUM == 0:
            optimizer.step()
            optimizer.zero_grad()
    with torch.no_grad():
        acc = (model(X[2600:]).argmax(1) == y[2600:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item() * ACCUM:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
