import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)

digits = load_digits()
X = (digits.data - 4.88) / 6.0
y = digits.target

X_val, y_val = X[::4], y[::4]
mask = np.ones(len(X), bool); mask[::4] = False
X_train, y_train = X[mask], y[mask]

# shuffle the training data
perm = rng.permutation(len(X_train))
X_train = X_train[perm]

X_train = torch.FloatTensor(X_train)
y_train = torch.LongTensor(y_train)
X_val, y_val = torch.FloatTensor(X_val), torch.LongTensor(y_val)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
for epoch in range(20):
    for start in range(0, len(X_train), 32):
        xb = X_train[start:start + 32]
        yb = y_train[start:start + 32]
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    print("Epoch:", epoch, "Loss:", loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (model(X_val).argmax(1) == y_val).float().mean())
