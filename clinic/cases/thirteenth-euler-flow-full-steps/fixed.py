import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Flow(nn.Module):
    # the same vector field is applied at every step
    def __init__(self, dim=16, steps=30, dt=1 / 30):
        super().__init__()
        self.lift = nn.Linear(5, dim)
        self.f1 = nn.Linear(dim, 48)
        self.f2 = nn.Linear(48, dim)
        self.read = nn.Linear(dim, 1)
        self.steps, self.dt = steps, dt

    def forward(self, x):
        h = self.lift(x)
        for _ in range(self.steps):
            h = h + self.dt * self.f2(torch.relu(self.f1(h)))
        return self.read(h).squeeze(1)


def system(n):
    # inflow, outflow and three temperatures; the yield of the reactor
    x = torch.randn(n, 5)
    y = torch.sin(x[:, 0] * 1.5) + 0.5 * x[:, 1] * x[:, 2] - 0.4 * x[:, 3].abs()
    return x, y + 0.05 * torch.randn(n)


x, y = system(2400)
y = (y - y.mean()) / y.std()
loader = DataLoader(TensorDataset(x[:1900], y[:1900]), batch_size=50, shuffle=True)
model = Flow()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(10):
    model.train()
    total = 0.0
    for xb, yb in loader:
        loss = nn.functional.mse_loss(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() / len(loader)
    print(f"epoch {epoch} loss {total:.4f}")
model.eval()
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(x[1900:]), y[1900:]) / y[1900:].var()
print(f"final_metric={max(r2.nan_to_num(-1.0).item(), -1.0):.4f}")
