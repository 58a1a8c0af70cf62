import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)
X = X[torch.randperm(len(X))]
train, val = X[:1400], X[1400:]

encoder = nn.Sequential(nn.Linear(64, 48), nn.ELU(), nn.Linear(48, 12))
decoder = nn.Sequential(nn.Linear(12, 48), nn.ELU(), nn.Linear(48, 64), nn.Sigmoid())
ae = nn.Sequential(encoder, decoder)
opt = torch.optim.Adam(ae.parameters(), lr=2e-3)

for epoch in range(40):
    total = 0
    for xb in train[torch.randperm(len(train))].split(64):
        rec = ae(xb)
        loss = nn.functional.mse_loss(rec, xb)
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item() * len(xb)
    if epoch % 10 == 0:
        print(epoch, total / len(train))

with torch.no_grad():
    err = ((ae(val) - val) ** 2).mean()
    base = ((val - train.mean(0)) ** 2).mean()
print(f"final_metric={(1 - err / base).item():.4f}")
