import os
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_wine(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
p = torch.randperm(len(X))
X, y = X[p], y[p]
BATCH = 32
loader = DataLoader(TensorDataset(X[:120], y[:120]), batch_size=BATCH, shuffle=True, drop_last=True)

model = nn.Sequential(
    nn.Linear(13, 32), nn.BatchNorm1d(32), nn.ReLU(),
    nn.Linear(32, 32), nn.BatchNorm1d(32), nn.ReLU(),
    nn.Linear(32, 32), nn.BatchNorm1d(32), nn.ReLU(),
    nn.Linear(32, 3),
)
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
step = 0
while step < 600:
    model.train()
    for x, t in loader:
        loss = nn.functional.cross_entropy(model(x), t)
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
        if step % 100 == 0:
            print(step, loss.item())
model.eval()
with torch.no_grad():
    out = model(X[120:])
    print("final_metric=%.4f" % -nn.functional.cross_entropy(out, y[120:]).item())
