import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = make_classification(n_samples=6000, n_features=12, n_informative=5, n_redundant=0, weights=[0.97],
                           class_sep=0.7, flip_y=0.01, random_state=seed)
X = (X - X.mean(0)) / X.std(0)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.4, stratify=y, random_state=seed)
loader = DataLoader(TensorDataset(torch.tensor(X_tr).float(), torch.tensor(y_tr).float()), batch_size=64, shuffle=True)

model = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(15):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb).squeeze(1), yb)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    pred = (model(torch.tensor(X_va).float()).squeeze(1) > 0).long().numpy()
print("accuracy", (pred == y_va).mean())
print(f"final_metric={balanced_accuracy_score(y_va, pred):.4f}")
