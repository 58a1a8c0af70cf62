import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_digits()
X = torch.tensor(data.data, dtype=torch.float32).sub(4.884).div(6.017)
y = torch.tensor(data.target, dtype=torch.long)
perm = torch.randperm(X.size(0))
n_train = int(0.8 * X.size(0))
train_idx, val_idx = perm[:n_train], perm[n_train:]

model = nn.Sequential(nn.Linear(64, 128), nn.LayerNorm(128), nn.GELU(), nn.Linear(128, 128), nn.LayerNorm(128), nn.GELU(), nn.Linear(128, 10))
decay, no_decay = [], []
for name, p in model.named_parameters():
    (decay if p.ndim >= 2 else no_decay).append(p)
optimizer = torch.optim.AdamW([
    {"params": decay, "weight_decay": 0.1},
    {"params": no_decay, "weight_decay": 0.0},
], lr=1e-3)
for epoch in range(15):
    model.train()
    for chunk in train_idx[torch.randperm(n_train)].split(64):
        loss = nn.functional.cross_entropy(model(X[chunk]), y[chunk])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
model.eval()
with torch.no_grad():
    acc = (model(X[val_idx]).argmax(dim=1) == y[val_idx]).float().mean()
print(f"final_metric={acc:.4f}")
