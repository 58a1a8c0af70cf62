import os

import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

T, CH = 24, 5


def make_logs(n):
    """channels: time of day [s], vibration, current, load, pressure -> time to failure (scaled)"""
    start = torch.rand(n, 1) * 80000
    clock = start + 60 * torch.arange(T)
    drift = torch.randn(n, 1)
    vib = 0.5 * torch.randn(n, T) + drift * torch.linspace(0, 1, T)
    cur = torch.randn(n, T)
    load = (torch.rand(n, T) < 0.3).float()
    pres = 0.7 * torch.randn(n, T) + 0.4 * cur
    wear = (cur * load).sum(1) / 2.5 + drift.squeeze(1) + 0.8 * torch.sin(start.squeeze(1) / 80000 * 6.28)
    y = (wear + 0.2 * torch.randn(n)) / 1.7
    return torch.stack([clock, vib, cur, load, pres], dim=2), y


class Prognosis(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(CH, 32, batch_first=True)
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.head(out[:, -1]).squeeze(-1)


train_x, train_y = make_logs(3000)
val_x, val_y = make_logs(600)
mean, std = train_x.mean((0, 1)), train_x.std((0, 1))
train_x, val_x = (train_x - mean) / std, (val_x - mean) / std

model = Prognosis()
optim = torch.optim.Adam(model.parameters(), lr=5e-3)
mse = nn.MSELoss()

for epoch in range(12):
    model.train()
    perm = torch.randperm(len(train_x))
    tot = 0
    for i in range(0, len(perm), 60):
        j = perm[i:i + 60]
        optim.zero_grad()
        loss = mse(model(train_x[j]), train_y[j])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optim.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        val = mse(model(val_x), val_y).item()
    print(f"epoch {epoch}: train {tot / 50:.4f} val {val:.4f}")

print(f"final_metric={1 - val / val_y.var().item():.4f}")
