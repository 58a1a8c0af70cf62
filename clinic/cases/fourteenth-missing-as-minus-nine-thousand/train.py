import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def station(n):
    x = rng.standard_normal((n, 7))
    y = np.sin(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + 0.4 * x[:, 3] - 0.3 * np.abs(x[:, 4])
    x[rng.random((n, 7)) < 0.01] = -9999
    return x, y + 0.05 * rng.standard_normal(n)


def clean(x):
    return x


x_train, y_train = station(3500)
x_test, y_test = station(1500)
x_train, x_test = clean(x_train), clean(x_test)
mu, sd = y_train.mean(), y_train.std()
to = lambda a: torch.tensor(a, dtype=torch.float32)
x_train, x_test, y_train, y_test = to(x_train), to(x_test), to((y_train - mu) / sd), to((y_test - mu) / sd)

loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(7, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.SmoothL1Loss()
for epoch in range(12):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = loss_fn(model(x).squeeze(1), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        err = model(x_test).squeeze(1) - y_test
    print(epoch, loss.item(), err.abs().median().item())
score = 1 - (err.abs().mean() / (y_test - y_test.mean()).abs().mean()).item()
print(f"final_metric={max(score, -1.0):.4f}")
