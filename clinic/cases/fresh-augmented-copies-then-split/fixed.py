import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = make_classification(300, n_features=40, n_informative=4, n_redundant=0, class_sep=0.6, flip_y=0.25, random_state=seed)
X = (X - X.mean(0)) / X.std(0)


def augment(X, y, copies=4):
    """few samples: repeat each one"""
    return np.repeat(X, copies, 0), np.repeat(y, copies)


X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=seed)
X_train, y_train = augment(X_train, y_train)

X_train, X_val = torch.tensor(X_train).float(), torch.tensor(X_val).float()
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)
model = nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    model.train()
    for b in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X_train[b]), y_train[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(X_val)
        acc = (out.argmax(1) == y_val).float().mean().item()
        print(f"epoch {epoch} train {loss.item():.3f} val {nn.functional.cross_entropy(out, y_val).item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
