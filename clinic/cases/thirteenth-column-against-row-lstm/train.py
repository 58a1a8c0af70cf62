import math
import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def make_series(n=1600, window=20):
    t = torch.arange(n + window, dtype=torch.float32)
    s = torch.sin(2 * math.pi * t / 17) + 0.5 * torch.sin(2 * math.pi * t / 41 + 1.0)
    s = s + 0.1 * torch.randn_like(s)
    s = (s - s.mean()) / s.std()
    windows = s.unfold(0, window + 1, 1)
    return windows[:, :-1].unsqueeze(-1), windows[:, -1]


class Forecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.linear(out[:, -1, :])


x, y = make_series()
split = 1200
loader = DataLoader(TensorDataset(x[:split], y[:split]), batch_size=40, shuffle=True)
model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.MSELoss()
for epoch in range(8):
    model.train()
    for xb, yb in loader:
        optimizer.zero_grad()
        output = model(xb)
        loss = criterion(output, yb)
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
model.eval()
with torch.no_grad():
    pred = model(x[split:]).flatten()
    r2 = 1 - (pred - y[split:]).pow(2).mean() / y[split:].var()
print(f"final_metric={r2.item():.4f}")
