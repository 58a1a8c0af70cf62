import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 42))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = load_breast_cancer(return_X_y=True)


def build_model():
    return nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))


model = build_model()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

scores = []
for fold, (tr, va) in enumerate(KFold(5, shuffle=True, random_state=seed).split(X)):
    sc = StandardScaler().fit(X[tr])
    Xtr = torch.tensor(sc.transform(X[tr]), dtype=torch.float32)
    Xva = torch.tensor(sc.transform(X[va]), dtype=torch.float32)
    ytr = torch.tensor(y[tr], dtype=torch.float32)
    yva = torch.tensor(y[va], dtype=torch.float32)
    model = build_model()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(8):
        order = torch.randperm(len(Xtr))
        running = 0.0
        for i in range(0, len(order), 16):
            b = order[i:i + 16]
            optimizer.zero_grad()
            loss = criterion(model(Xtr[b]).squeeze(1), ytr[b])
            loss.backward()
            optimizer.step()
            running += loss.item() * len(b)
    with torch.no_grad():
        acc = ((model(Xva).squeeze(1) > 0).float() == yva).float().mean().item()
    scores.append(acc)
    print(f"fold {fold}: train loss {running / len(Xtr):.4f}  val acc {acc:.4f}")
print(f"CV accuracy {np.mean(scores):.4f} +- {np.std(scores):.4f}")
print(f"final_metric={np.mean(scores):.4f}")
