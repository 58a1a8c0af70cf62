import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (d.data / 16.0 - 0.3).astype(np.float32)
y = d.target.astype(np.int64)

# shuffle data
perm = np.random.permutation(len(X))
X = X[perm]
# split
split = 1400
X_train, y_train = torch.from_numpy(X[:split]), torch.from_numpy(y[:split])
X_test, y_test = torch.from_numpy(X[split:]), torch.from_numpy(y[split:])

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
train = torch.utils.data.TensorDataset(X_train, y_train)
loader = torch.utils.data.DataLoader(train, batch_size=32, shuffle=True)

for e in range(20):
    model.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        vl = criterion(model(X_test), y_test)
        acc = (model(X_test).argmax(1) == y_test).float().mean()
    print("epoch", e, "train loss", loss.item(), "test loss", vl.item(), "test acc", acc.item())
print("final_metric=%.4f" % acc.item())
