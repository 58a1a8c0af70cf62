import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get('SEED', 0)))

N = 3000
x = torch.randn(N, 8)
price = 320000 + 60000 * x[:, 0] + 35000 * torch.tanh(2 * x[:, 1]) + 25000 * x[:, 2] * x[:, 3] + 15000 * x[:, 4] \
    + 5000 * torch.randn(N)
price = price.unsqueeze(1)
x_train, x_val = x[:2400], x[2400:]
p_train, p_val = price[:2400], price[2400:]
scale, shift = 1.0, 0.0

loader = DataLoader(TensorDataset(x_train, (p_train - shift) / scale), batch_size=60, shuffle=True)
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.MSELoss()

for epoch in range(20):
    model.train()
    running = 0.0
    for features, target in loader:
        optimizer.zero_grad()
        loss = criterion(model(features), target)
        loss.backward()
        optimizer.step()
        running += loss.item()
    model.eval()
    with torch.no_grad():
        error = (model(x_val) * scale + shift - p_val)
        r2 = 1 - error.pow(2).mean() / p_val.var()
    print(f'epoch {epoch}: train {running / len(loader):.5g}  val MAE {error.abs().mean():.0f}  R2 {r2:.3f}')
print(f'final_metric={max(r2.item(), -1):.4f}')
