import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = (X - X.mean()) / X.std()
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=seed)
by_class = np.argsort(ytr, kind="stable")   # nicer to look at
Xtr, ytr = Xtr[by_class], ytr[by_class]
mk = lambda a, b: TensorDataset(torch.tensor(a, dtype=torch.float32), torch.tensor(b))
train_loader = DataLoader(mk(Xtr, ytr), batch_size=32)
test_loader = DataLoader(mk(Xte, yte), batch_size=500)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = np.mean([(net(a).argmax(1) == b).float().mean().item() for a, b in test_loader])
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
