import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

# size, rooms, distance to centre, year -- standardised
n = 1200
X = np.random.randn(n, 4)
price = 420000 + 95000 * X[:, 0] + 30000 * np.maximum(X[:, 1], 0) - 60000 * np.tanh(X[:, 2]) + 15000 * np.random.randn(n)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(price, dtype=torch.float32).reshape(-1, 1)
offset, scale = 0.0, 1.0
y = (y - offset) / scale

X_train, y_train = X[:900], y[:900]
X_val, y_val = X[900:], y[900:]

model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)

for epoch in range(40):
    for i in range(0, 900, 45):
        optimizer.zero_grad()
        loss = criterion(model(X_train[i:i + 45]), y_train[i:i + 45])
        loss.backward()
        optimizer.step()
    if epoch % 8 == 0:
        print("epoch", epoch, "loss", loss.item())

with torch.no_grad():
    r2 = 1 - criterion(model(X_val), y_val) / y_val.var()
print("final_metric=%.4f" % max(r2.item(), -20))
