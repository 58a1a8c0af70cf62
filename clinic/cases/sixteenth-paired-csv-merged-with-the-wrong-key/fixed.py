import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2500
key_a = rng.permutation(n)                 # ids in the sensor file
sensors = {k: rng.normal(size=7) for k in key_a}
lab = {k: float(np.sin(2 * v[0]) + v[1] * v[2] + 0.4 * v[3]) for k, v in sensors.items()}
key_b = rng.permutation(n)                 # the laboratory has its own order

X = np.array([sensors[k] for k in key_a], dtype=np.float32)
Y = np.array([lab[k] for k in key_a], dtype=np.float32)
Y = (Y - Y.mean()) / Y.std()
tr = DataLoader(TensorDataset(torch.tensor(X[:2000]), torch.tensor(Y[:2000])), batch_size=40, shuffle=True)
xv, yv = torch.tensor(X[2000:]), torch.tensor(Y[2000:])
net = nn.Sequential(nn.Linear(7, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for x, y in tr:
        loss = nn.functional.mse_loss(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        mse = nn.functional.mse_loss(net(xv), yv).item()
    print(epoch, loss.item(), "val", mse)
print(f"final_metric={1 - mse / yv.var().item():.4f}")
