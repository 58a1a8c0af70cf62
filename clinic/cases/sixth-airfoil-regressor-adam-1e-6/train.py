import os
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

x = torch.randn(2500, 5)
lift = torch.sin(1.5 * x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] - 0.4 * x[:, 3].abs() + 0.2 * x[:, 4] + 0.05 * torch.randn(2500)
x_tr, x_va = x[:2000], x[2000:]
m, s = lift[:2000].mean(), lift[:2000].std()
t_tr, t_va = ((lift[:2000] - m) / s)[:, None], ((lift[2000:] - m) / s)[:, None]

model = nn.Sequential(nn.Linear(5, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-6)
loss_fn = nn.SmoothL1Loss()
loader = DataLoader(TensorDataset(x_tr, t_tr), batch_size=50, shuffle=True)

for epoch in range(1, 21):
    model.train()
    total = 0
    for xb, tb in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(xb), tb)
        loss.backward()
        optimizer.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        pred = model(x_va)
    r2 = 1 - ((pred - t_va) ** 2).mean() / t_va.var()
    print(f"epoch {epoch:2d}  train {total / len(loader):.4f}  val R2 {r2:.4f}")
print(f"final_metric={r2.item():.4f}")
