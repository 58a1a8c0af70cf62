import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(580, n_features=30, n_informative=5, n_redundant=5, class_sep=0.8, flip_y=0.2, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
Xtr, ytr, Xva, yva = X[:80], y[:80], X[80:], y[80:]

EPOCHS = 200
model = nn.Sequential(
    nn.Linear(30, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 2))
opt = torch.optim.Adam(model.parameters(), lr=5e-4)
history = []
for epoch in range(EPOCHS):
    model.train()
    for b in torch.randperm(80).split(16):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(Xtr[b]), ytr[b])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.cross_entropy(model(Xva), yva).item()
    history.append((loss.item(), val))
    if epoch % 20 == 0:
        print(f"epoch {epoch}: train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
