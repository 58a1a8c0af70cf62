import os, torch, torch.nn as nn
from sklearn.datasets import make_classification
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(2000, 16, n_informative=8, n_redundant=2, n_classes=3, class_sep=1.5, flip_y=0.02, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32); y = torch.tensor(y)
loader = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=50, shuffle=True)
model = nn.Sequential(nn.Linear(16, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 3))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.5)
for epoch in range(20):
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(X[1500:]).argmax(1) == y[1500:]).float().mean().item()
    print(f"{epoch} {loss.item():.3f} {acc:.3f}")
print(f"final_metric={acc:.4f}")
