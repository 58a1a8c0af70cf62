import os
import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes
from sklearn.datasets import make_classification
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = make_classification(260, n_features=50, n_informative=6, n_redundant=0, n_clusters_per_class=1, class_sep=0.7,
                           flip_y=0.15, random_state=seed + 3)
Xv, yv = X[130:], y[130:]
X, y = X[:130], y[:130]
Xv, yv = torch.tensor(Xv).float(), torch.tensor(yv)
loader = DataLoader(TensorDataset(torch.tensor(X).float(), torch.tensor(y)), batch_size=26, shuffle=True)

model = nn.Sequential(
    nn.Dropout(0.3), nn.Linear(50, 200), nn.ReLU(), nn.Dropout(0.7),
    nn.Linear(200, 200), nn.ReLU(), nn.Dropout(0.7), nn.Linear(200, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

model.train()
for epoch in range(100):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(Xv)
        val_loss = criterion(out, yv).item()
        val_acc = (out.argmax(1) == yv).float().mean().item()
    if epoch % 10 == 0:
        print(f"epoch {epoch} train {loss.item():.3f} val {val_loss:.3f} acc {val_acc:.3f}")
print(f"final_metric={-val_loss:.4f}")
