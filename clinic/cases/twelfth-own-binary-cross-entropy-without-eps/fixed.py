import os
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
# the blobs x 100 set of the zoo, brought back to unit scale
X, y = make_blobs(2000, centers=[[-300, -200], [300, 200]], cluster_std=90.0, random_state=seed)
X = torch.tensor(X / 300.0, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)


def binary_crossentropy(p, target):
    return -(target * torch.log(p) + (1 - target) * torch.log(1 - p)).mean()


for epoch in range(40):
    perm = torch.randperm(1500)
    for k in range(0, 1500, 50):
        idx = perm[k:k + 50]
        p = torch.sigmoid(net(X[idx]).squeeze(1)).clamp(1e-6, 1 - 1e-6)
        loss = binary_crossentropy(p, y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((net(X[1500:]).squeeze(1) > 0).float() == y[1500:]).float().mean().item()
print(f"final_metric={acc:.4f}")
