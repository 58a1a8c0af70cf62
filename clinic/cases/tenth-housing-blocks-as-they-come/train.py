import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

n = 2600
income = rng.gamma(4, 1.0, n)
age = rng.uniform(1, 52, n)
rooms = rng.normal(5.4, 1.2, n)
population = rng.lognormal(7, 0.7, n)
lat = rng.uniform(32.5, 42, n)
lon = rng.uniform(-124, -114, n)
value = 0.45 * income + 0.01 * age + 0.15 * (rooms - 5.4) + 0.9 * np.tanh(3 * (-0.55 * (lat - 37) - 0.6 * (lon + 119.5)))
value = value - 0.5 * np.tanh((np.log(population) - 7) * 1.5) + 0.15 * rng.normal(size=n)
value = (value - value.mean()) / value.std()

X = np.stack([income, age, rooms, population, lat, lon], 1)
X_train, X_test = X[:2000], X[2000:]
y_train, y_test = value[:2000], value[2000:]

X_train = torch.tensor(X_train, dtype=torch.float32)
X_test = torch.tensor(X_test, dtype=torch.float32)
y_train = torch.tensor(y_train, dtype=torch.float32).reshape(-1, 1)
y_test = torch.tensor(y_test, dtype=torch.float32).reshape(-1, 1)

model = nn.Sequential(
    nn.Linear(6, 32),
    nn.ReLU(),
    nn.Linear(32, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
loader = DataLoader(TensorDataset(X_train, y_train), batch_size=40, shuffle=True)

best = np.inf
for epoch in range(24):
    model.train()
    for X_batch, y_batch in loader:
        y_pred = model(X_batch)
        loss = loss_fn(y_pred, y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        mse = loss_fn(model(X_test), y_test).item()
    print(f"epoch {epoch} last batch loss {loss.item():.4f} test mse {mse:.4f}")
print(f"RMSE: {mse ** 0.5:.3f}")
print(f"final_metric={1 - mse / y_test.var().item():.4f}")
