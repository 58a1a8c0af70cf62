# predict tomorrow's water level at the mouth from 8 gauges
import os
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed); torch.manual_seed(seed)
days, gauges = 2400, 8
base = np.random.randn(days, 1)
levels = 3 + 0.6 * base + 0.8 * np.random.randn(days, gauges)
wave = levels - 3
tomorrow = 0.7 * wave[:, 0] + 0.5 * wave[:, 3] * wave[:, 5] + 0.6 * np.abs(wave[:, 6]) + 0.1 * np.random.randn(days)
levels[np.random.rand(days, gauges) < 0.03] = 99999      # logger error code

n = 1900
mu, sd = levels[:n].mean(0), levels[:n].std(0)
x = torch.tensor((levels - mu) / sd, dtype=torch.float32)
t = torch.tensor((tomorrow - tomorrow[:n].mean()) / tomorrow[:n].std(), dtype=torch.float32)[:, None]
train = DataLoader(TensorDataset(x[:n], t[:n]), batch_size=50, shuffle=True)

net = torch.nn.Sequential(torch.nn.Linear(gauges, 48), torch.nn.ReLU(), torch.nn.Linear(48, 48), torch.nn.ReLU(), torch.nn.Linear(48, 1))
optim = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(15):
    for xb, tb in train:
        loss = torch.nn.functional.mse_loss(net(xb), tb)
        optim.zero_grad()
        loss.backward()
        optim.step()
    with torch.no_grad():
        r2 = 1 - torch.nn.functional.mse_loss(net(x[n:]), t[n:]) / t[n:].var()
    if epoch % 3 == 2:
        print("epoch", epoch + 1, "loss", round(loss.item(), 4), "R2", round(r2.item(), 4))
print("final_metric=%.4f" % r2.item())
