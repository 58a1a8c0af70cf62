import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(8000, 3); y = (torch.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:] * .5)
loader = DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True, drop_last=True)
model = nn.Sequential(nn.Linear(3, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
accum_iter = 8
for epoch in range(6):
    for batch_idx, (inputs, labels) in enumerate(loader):
        loss = nn.functional.mse_loss(model(inputs), labels) / accum_iter
        loss.backward()
        if ((batch_idx + 1) % accum_iter == 0) or (batch_idx + 1 == len(loader)):
            optimizer.step()
            optimizer.zero_grad()
    print(f"epoch {epoch}: {loss.item() * accum_iter:.4f}")
xv = torch.randn(2000, 3); yv = (torch.sin(2 * xv[:, :1]) + xv[:, 1:2] * xv[:, 2:] * .5)
with torch.no_grad(): print("final_metric=%.4f" % (1 - nn.functional.mse_loss(model(xv), yv) / yv.var()).item())
