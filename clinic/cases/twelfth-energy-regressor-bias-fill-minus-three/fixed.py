import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(2400, n_features=8, noise=0.3, random_state=seed)
sx, sy = StandardScaler().fit(X[:1900]), StandardScaler().fit(y[:1900, None])
X = torch.tensor(sx.transform(X), dtype=torch.float32)
y = torch.tensor(sy.transform(y[:, None]), dtype=torch.float32)
Xtr, ytr, Xte, yte = X[:1900], y[:1900], X[1900:], y[1900:]

model = nn.Sequential(
    nn.Linear(8, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 1),
)
for name, p in model.named_parameters():
    if name.endswith("bias") and not name.startswith("4"):
        p.data.fill_(0.0)

opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(30):
    for idx in torch.randperm(1900).split(50):
        opt.zero_grad()
        loss = (model(Xtr[idx]) - ytr[idx]).pow(2).mean()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            print("epoch", epoch + 1, "test mse", (model(Xte) - yte).pow(2).mean().item())
with torch.no_grad():
    r2 = 1 - (model(Xte) - yte).pow(2).mean() / yte.var()
print(f"final_metric={r2.item():.4f}")
