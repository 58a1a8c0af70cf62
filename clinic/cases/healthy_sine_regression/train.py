import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

x = np.random.uniform(-2, 2, size=(800, 1)).astype(np.float32)
y = (np.sin(3 * x) + 0.1 * np.random.randn(*x.shape)).astype(np.float32)
x_tr, y_tr = torch.from_numpy(x[:600]), torch.from_numpy(y[:600])
x_va, y_va = torch.from_numpy(x[600:]), torch.from_numpy(y[600:])

model = nn.Sequential(nn.Linear(1, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(60):
    p = np.random.permutation(len(x_tr))
    for i in range(0, len(p), 50):
        xb, yb = x_tr[p[i:i + 50]], y_tr[p[i:i + 50]]
        pred = model(xb)
        assert pred.shape == yb.shape
        loss = ((pred - yb) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
with torch.no_grad():
    mse = ((model(x_va) - y_va) ** 2).mean()
    r2 = 1 - mse / y_va.var(unbiased=False)
print(f"final_metric={r2.item():.4f}")
