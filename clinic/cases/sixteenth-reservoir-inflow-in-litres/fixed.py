import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
N = 2500
rain = torch.randn(N, 6)
inflow = 54000.0 + 12000.0 * (torch.tanh(rain[:, 0] + rain[:, 1]) + 0.5 * rain[:, 2] * rain[:, 3] + 0.3 * rain[:, 4]) + 1000 * torch.randn(N)
y = inflow.unsqueeze(1)
mu, sd = y[:2000].mean(), y[:2000].std()
y = (y - mu) / sd
train = DataLoader(TensorDataset(rain[:2000], y[:2000]), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(15):
    net.train()
    s = 0
    for a, b in train:
        opt.zero_grad()
        l = nn.functional.mse_loss(net(a), b)
        l.backward()
        opt.step()
        s += l.item()
    net.eval()
    with torch.no_grad():
        mse = nn.functional.mse_loss(net(rain[2000:]), y[2000:])
        r2 = (1 - mse / y[2000:].var()).item()
    print(f"[{epoch}] train {s / len(train):.5g} val r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
