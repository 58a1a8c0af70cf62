import os
import numpy as np
import torch
from torch import nn
torch.manual_seed(int(os.environ.get('SEED', 0)))

x = np.arange(-100, 100, 0.5)
y = x ** 4
x = (x - x.mean()) / x.std()
y = (y - y.mean()) / y.std()

x = torch.tensor(x, dtype=torch.float32).reshape(-1, 1)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)

model = nn.Sequential(
    nn.Linear(1, 50),
    nn.Sigmoid(),
    nn.Linear(50, 50),
    nn.ELU(),
    nn.Linear(50, 1),
)
opt = torch.optim.Adam(model.parameters(), lr=0.005)
mse = nn.MSELoss()
for epoch in range(150):
    for i in torch.randperm(400).split(50):
        opt.zero_grad()
        loss = mse(model(x[i]), y[i])
        loss.backward()
        opt.step()
    if epoch % 25 == 0:
        print('epoch %d mse %g' % (epoch, loss.item()))
with torch.no_grad():
    r2 = 1 - (mse(model(x), y) / y.var(unbiased=False)).item()
print('final_metric=%.4f' % r2)
