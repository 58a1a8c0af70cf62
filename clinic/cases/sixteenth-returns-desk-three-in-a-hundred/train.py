import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
def parcels(n):
    y = (torch.rand(n) < 0.03).float()
    x = torch.randn(n, 12)
    x[:, 2] += 1.1 * y
    x[:, 5] -= 1.1 * y
    x[:, 9] += 0.9 * y
    return x, y

x_tr, y_tr = parcels(5000)
x_va, y_va = parcels(5000)
dl = DataLoader(TensorDataset(x_tr, y_tr), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
optim = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    model.train()
    for xb, yb in dl:
        optim.zero_grad()
        loss = criterion(model(xb)[:, 0], yb)
        loss.backward()
        optim.step()
    model.eval()
    with torch.no_grad():
        call = model(x_va)[:, 0] > 0
        tpr = call[y_va == 1].float().mean().item()
        tnr = (~call[y_va == 0]).float().mean().item()
    print(f"epoch {epoch}  loss {loss:.3f}  acc {(call == (y_va > 0)).float().mean():.3f}  tpr {tpr:.3f}  tnr {tnr:.3f}")
print(f"final_metric={(tpr + tnr) / 2:.4f}")
