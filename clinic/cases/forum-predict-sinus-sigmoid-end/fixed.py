import os
import numpy as np
import torch
from torch import nn
seed = int(os.environ.get("SEED", "0"))
torch.manual_seed(seed)

x = np.arange(400).reshape(-1, 1) / 100 - 2
y = np.sin(3 * x)
x, y = torch.tensor(x).float(), torch.tensor(y).float()

model = nn.Sequential(
    nn.Linear(1, 40), nn.Tanh(),
    nn.Linear(40, 12), nn.Tanh(),
    nn.Linear(12, 1))

opt = torch.optim.Adam(model.parameters(), lr=0.01)
loss_fn = nn.MSELoss()
for epoch in range(120):
    perm = torch.randperm(400)
    for b in perm.split(40):
        opt.zero_grad()
        loss = loss_fn(model(x[b]), y[b])
        loss.backward()
        opt.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())

with torch.no_grad():
    mse = loss_fn(model(x), y).item()
print("Baseline Error: %.4f" % mse)
print("final_metric=%.4f" % (1 - mse / y.var().item()))
