import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - 4.88) / 6.02).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
tr, te = perm[:1300], perm[1300:]

# extreme learning machine: a fixed random projection under a trained linear layer
features = nn.Sequential(nn.Linear(64, 256), nn.ReLU())
features.requires_grad_(False)
readout = nn.Linear(256, 10)
model = nn.Sequential(features, readout)
opt = torch.optim.Adam(readout.parameters(), lr=3e-3)
for epoch in range(12):
    model.train()
    for idx in tr[torch.randperm(len(tr))].split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(X[te]).argmax(1) == y[te]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
