import os
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_diabetes(return_X_y=True)
X, y = torch.tensor(scale(X)).float(), torch.tensor(scale(y)).float().unsqueeze(1)
p = torch.randperm(len(y))
X, y = X[p], y[p]
loader = DataLoader(TensorDataset(X[:340], y[:340]), batch_size=20, shuffle=True)

model = nn.Sequential(nn.Linear(10, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.5)
lossf = nn.MSELoss()
for epoch in range(25):
    tot = 0
    for xb, yb in loader:
        opt.zero_grad()
        loss = lossf(model(xb), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    print(epoch, tot / len(loader))
with torch.no_grad():
    r2 = 1 - lossf(model(X[340:]), y[340:]) / y[340:].var()
print(f"final_metric={max(-1.0, r2.item()):.4f}")
