import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X = torch.tensor(load_digits().data, dtype=torch.float32)
X = X[torch.randperm(len(X))]
tr, va = X[:1400], X[1400:]
mean, scale = tr.mean(0), tr.std()
tr, va = (tr - mean) / scale, (va - mean) / scale

K = 10
model = nn.Sequential(nn.Linear(64, K, bias=False), nn.Linear(K, 64, bias=False))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(30):
    for xb in tr[torch.randperm(len(tr))].split(70):
        loss = ((model(xb) - xb) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()

with torch.no_grad():
    r2 = 1 - ((model(va) - va) ** 2).sum() / (va ** 2).sum()
    V = torch.linalg.svd(tr, full_matrices=False)[2][:K]
    pca = 1 - ((va @ V.T @ V - va) ** 2).sum() / (va ** 2).sum()
print(f"explained {r2.item():.4f}, exact PCA {pca.item():.4f}")
print(f"final_metric={r2.item():.4f}")
