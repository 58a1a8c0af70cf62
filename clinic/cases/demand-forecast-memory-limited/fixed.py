"""Forecast the daily demand of a product from 24 standardised covariates."""
import os

import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

BATCH_SIZE = 64
STEPS = 1400
LR = 8e-3


def simulate(n, beta, rng):
    x = rng.normal(size=(n, 24))
    signal = x @ beta + 0.5 * np.abs(x[:, 8])
    y = 0.8 * signal + 0.8 * rng.normal(size=n)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


beta = rng.normal(size=24)
beta = beta / np.linalg.norm(beta)
x_train, y_train = simulate(20000, beta, rng)
x_val, y_val = simulate(3000, beta, rng)

model = nn.Sequential(
    nn.Linear(24, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 1),
)
optimizer = torch.optim.Adam(model.parameters(), lr=LR)


def validate():
    model.eval()
    with torch.no_grad():
        pred = model(x_val).squeeze(1)
        r2 = 1 - ((pred - y_val) ** 2).mean() / y_val.var()
    model.train()
    return r2.item()


running = 0.0
for step in range(1, STEPS + 1):
    pick = torch.randint(0, len(x_train), (BATCH_SIZE,))
    loss = nn.functional.mse_loss(model(x_train[pick]).squeeze(1), y_train[pick])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    running += loss.item()
    if step % 200 == 0:
        print(f"step {step:5d}  train mse {running / 200:.3f}  val R2 {validate():.3f}")
        running = 0.0

print(f"final_metric={validate():.4f}")
