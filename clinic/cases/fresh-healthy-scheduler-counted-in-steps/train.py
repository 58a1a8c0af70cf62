import os
import torch
import torch.nn as nn
from sklearn.datasets import make_circles
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_circles(1600, noise=0.08, factor=0.5, random_state=seed)
X, y = torch.tensor(X).float() * 1.8, torch.tensor(y)
loader = DataLoader(TensorDataset(X[:1200], y[:1200]), batch_size=40, shuffle=True)
total = 25 * len(loader)
model = nn.Sequential(nn.Linear(2, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
sched = torch.optim.lr_scheduler.MultiStepLR(optimizer, [int(total * 0.6), int(total * 0.85)], gamma=0.1)
for epoch in range(25):
    for a, b in loader:
        loss = nn.functional.cross_entropy(model(a), b)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        sched.step()
    print(epoch, sched.get_last_lr()[0], loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (model(X[1200:]).argmax(1) == y[1200:]).float().mean())
