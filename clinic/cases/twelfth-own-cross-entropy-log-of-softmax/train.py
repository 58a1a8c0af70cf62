import os
import torch
import torch.nn as nn
from sklearn.datasets import make_blobs

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
# the blobs x 100 set of the zoo, brought back to unit scale
X, y = make_blobs(2000, centers=[[-300, 0], [300, 0], [0, 400], [0, -400]], cluster_std=90.0, random_state=seed)
X = torch.tensor(X / 250.0, dtype=torch.float32)
y = torch.tensor(y)
onehot = torch.eye(4)[y]
net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)


def categorical_crossentropy(probs, target):
    return -(target * torch.log(probs)).sum(1).mean()


for epoch in range(40):
    perm = torch.randperm(1500)
    for k in range(0, 1500, 50):
        idx = perm[k:k + 50]
        probs = torch.softmax(net(X[idx]), dim=1)
        loss = categorical_crossentropy(probs, onehot[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[1500:]).argmax(1) == y[1500:]).float().mean().item()
print(f"final_metric={acc:.4f}")
