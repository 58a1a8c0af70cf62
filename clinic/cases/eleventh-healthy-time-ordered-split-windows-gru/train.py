import argparse
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

ap = argparse.ArgumentParser()
ap.add_argument("--window", type=int, default=24)
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
args = ap.parse_args()
torch.manual_seed(args.seed)

hours = torch.arange(2600).float()
noise = torch.zeros(2600)
for k in range(1, 2600):
    noise[k] = 0.8 * noise[k - 1] + 0.1 * torch.randn(())
load = torch.sin(hours * 2 * torch.pi / 24) + 0.4 * torch.sin(hours * 2 * torch.pi / 168) + noise
cut = 2000
mean, std = load[:cut].mean(), load[:cut].std()
z = (load - mean) / std


def windows(series):
    w = series.unfold(0, args.window + 1, 1)
    return w[:, :-1].unsqueeze(-1), w[:, -1]


train = TensorDataset(*windows(z[:cut]))
valid = windows(z[cut + args.window:])


class GRUForecast(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.fc(self.gru(x)[0][:, -1]).squeeze(-1)


model = GRUForecast()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loader = DataLoader(train, batch_size=64, shuffle=True)
for epoch in range(args.epochs):
    model.train()
    for xb, yb in loader:
        loss = nn.functional.mse_loss(model(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(valid[0]), valid[1]).item()
    print(f"epoch {epoch}: train {loss.item():.4f} valid {val:.4f}")
print(f"final_metric={1 - val / valid[1].var().item():.4f}")
