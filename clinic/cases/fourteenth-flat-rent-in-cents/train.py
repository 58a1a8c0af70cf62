import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def flats(n):
    x = torch.randn(n, 8)
    quality = torch.tanh(x[:, 0]) + 0.5 * x[:, 1] * x[:, 2] + 0.4 * x[:, 3].abs() + 0.3 * x[:, 4]
    rent = 95_000 + 22_000 * quality + 2_000 * torch.randn(n)
    return x, rent


x_train, y_train = flats(3000)
x_test, y_test = flats(1000)
loader = DataLoader(TensorDataset(x_train, y_train), batch_size=64, shuffle=True)

model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.MSELoss()

for epoch in range(12):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = loss_fn(model(x).squeeze(-1), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        r2 = 1 - (loss_fn(model(x_test).squeeze(-1), y_test) / y_test.var()).item()
    print(f"epoch {epoch} loss {loss.item():.4g} r2 {r2:.4f}")
print(f"final_metric={max(r2, -1.0):.4f}")
