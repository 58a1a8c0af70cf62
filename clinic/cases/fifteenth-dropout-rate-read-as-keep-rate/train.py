import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(4000, 24, n_informative=12, n_classes=6, n_clusters_per_class=1, class_sep=1.4, random_state=3)
X = torch.tensor(StandardScaler().fit(X[:3000]).transform(X), dtype=torch.float32)
y = torch.tensor(y)

keep_prob = 0.95
model = nn.Sequential(
    nn.Linear(24, 96), nn.ReLU(), nn.Dropout(keep_prob),
    nn.Linear(96, 96), nn.ReLU(), nn.Dropout(keep_prob),
    nn.Linear(96, 6),
)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(20):
    model.train()
    perm = torch.randperm(3000)
    for start in range(0, 3000, 50):
        rows = perm[start:start + 50]
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(X[3000:]).argmax(1) == y[3000:]).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
