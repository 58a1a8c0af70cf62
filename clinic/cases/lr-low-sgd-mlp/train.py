import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

d = load_breast_cancer()
order = np.random.permutation(len(d.target))
X = d.data[order]
y = d.target[order]
X = (X - X[:400].mean(0)) / X[:400].std(0)
Xtr = torch.from_numpy(X[:400]).float()
ytr = torch.from_numpy(y[:400])
Xva = torch.from_numpy(X[400:]).float()
yva = torch.from_numpy(y[400:])

model = nn.Sequential(nn.Linear(30, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-5, momentum=0.9)

history = []
for epoch in range(60):
    model.train()
    perm = torch.randperm(400)
    for k in range(10):
        idx = perm[k * 40:(k + 1) * 40]
        optimizer.zero_grad()
        loss = criterion(model(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(Xva)
        history.append((criterion(logits, yva).item(), (logits.argmax(1) == yva).float().mean().item()))
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} train {loss.item():.4f} val {history[-1][0]:.4f} acc {history[-1][1]:.4f}")

print(f"final_metric={history[-1][1]:.4f}")
