import os
import torch
import torch.nn as nn
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed); np.random.seed(seed)

data = load_diabetes()
X_train, X_val, y_train, y_val = train_test_split(data.data, data.target, test_size=0.25, random_state=seed)
mu, sd = X_train.mean(0), X_train.std(0)
X_train, X_val = (X_train - mu) / sd, (X_val - mu) / sd
ym, ys = y_train.mean(), y_train.std()
y_train, y_val = (y_train - ym) / ys, (y_val - ym) / ys
to_t = lambda a: torch.from_numpy(a).float()
X_train, X_val, y_train, y_val = to_t(X_train), to_t(X_val), to_t(y_train)[:, None], to_t(y_val)[:, None]

net = nn.Sequential(nn.Linear(10, 8), nn.Tanh(), nn.Linear(8, 1))
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, weight_decay=1e-3)

for epoch in range(25):
    p = torch.randperm(len(X_train))
    for i in range(0, len(p), 16):
        batch = p[i:i+16]
        optimizer.zero_grad
        pred = net(X_train[batch])
        loss = loss_fn(pred, y_train[batch])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = loss_fn(net(X_val), y_val).item()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "train", loss.item(), "val", val)

r2 = 1 - val / y_val.var(unbiased=False).item()
print(f"final_metric={max(r2, -1.0):.4f}")
