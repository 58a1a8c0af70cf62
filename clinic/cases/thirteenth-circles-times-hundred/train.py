import os
import torch
from torch import nn
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
SCALE = 100.0
pts, lab = make_circles(1500, noise=0.08, factor=0.5, random_state=seed)
pts = torch.tensor(pts * SCALE, dtype=torch.float32)
lab = torch.tensor(lab, dtype=torch.float32).unsqueeze(1)


def mlp(*sizes):
    layers = []
    for i, o in zip(sizes[:-2], sizes[1:-1]):
        layers += [nn.Linear(i, o), nn.Tanh()]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]), nn.Sigmoid())


net = mlp(2, 8, 8, 1)
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(20):
    for idx in torch.randperm(1000).split(32):
        optimizer.zero_grad()
        loss = criterion(net(pts[idx]), lab[idx])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((net(pts[1000:]) > 0.5).float() == lab[1000:]).float().mean().item()
print(f"final_metric={acc:.4f}")
