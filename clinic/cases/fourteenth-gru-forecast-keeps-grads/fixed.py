import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

t = np.arange(2400)
series = np.sin(2 * np.pi * t / 24) + 0.5 * np.sin(2 * np.pi * t / 57 + 1) + 0.1 * rng.standard_normal(len(t))
series = (series - series[:1800].mean()) / series[:1800].std()
window = 24


def windows(s):
    x = np.stack([s[i:i + window] for i in range(len(s) - window)])
    return torch.tensor(x).float().unsqueeze(-1), torch.tensor(s[window:]).float()


train_ds = TensorDataset(*windows(series[:1800]))
xv, yv = windows(series[1800:])


class Forecaster(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.gru(x)
        return self.fc(out[:, -1]).squeeze(-1)


model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.MSELoss()
loader = DataLoader(train_ds, batch_size=64, shuffle=True)

for epoch in range(7):
    model.train()
    losses = []
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        r2 = 1 - (criterion(model(xv), yv) / yv.var()).item()
    print(f"epoch {epoch} train {np.mean(losses):.4f} r2 {r2:.4f}")
print(f"final_metric={max(r2, -1.0):.4f}")
