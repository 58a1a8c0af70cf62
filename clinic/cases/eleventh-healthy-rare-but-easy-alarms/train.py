import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def shift(n):
    alarm = rng.random(n) < 0.05
    x = rng.normal(size=(n, 8))
    direction = np.array([3.2, 0, -2.6, 0, 2.6, 0, 0, -2.0])
    x[alarm] += direction
    return torch.tensor(x, dtype=torch.float32), torch.tensor(alarm, dtype=torch.float32)


x_train, y_train = shift(4000)
x_test, y_test = shift(1500)
m, s = x_train.mean(0), x_train.std(0)
x_train, x_test = (x_train - m) / s, (x_test - m) / s
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(8):
    for x, y in loader:
        opt.zero_grad()
        loss = loss_fn(net(x).squeeze(1), y)
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(x_test).squeeze(1)
        p = out > 0
        tp = (p & (y_test == 1)).sum().item()
        f1 = 2 * tp / max(1, p.sum().item() + y_test.sum().item())
    print(f"epoch {epoch} train {loss.item():.4f} test {loss_fn(out, y_test).item():.4f} f1 {f1:.3f}")
print(f"final_metric={f1:.4f}")
