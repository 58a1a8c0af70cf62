import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.getenv("SEED", 0)))
STEEP = 1.0


class Gate(nn.Module):
    """soft threshold, the steeper the more logical"""

    def forward(self, x):
        return torch.tanh(STEEP * x)


def teacher(n):
    x = torch.randn(n, 8)
    y = torch.sin(1.5 * x[:, 0]) * x[:, 1] + 0.5 * x[:, 2] ** 2 - 0.7 * x[:, 3]
    return x, ((y - 0.5) / 1.3 + 0.05 * torch.randn(n)).unsqueeze(1)


xtr, ytr = teacher(4000)
xva, yva = teacher(1000)
model = nn.Sequential(nn.Linear(8, 48), Gate(), nn.Linear(48, 48), Gate(), nn.Linear(48, 1))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
mse = nn.MSELoss()
dl = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True)
for ep in range(30):
    for xb, yb in dl:
        opt.zero_grad()
        loss = mse(model(xb), yb)
        loss.backward()
        opt.step()
    if ep % 5 == 4:
        with torch.no_grad():
            r2 = 1 - ((model(xva) - yva) ** 2).mean() / yva.var()
        print("epoch", ep + 1, "train", loss.item(), "R2", r2.item())
print(f"final_metric={r2.item():.4f}")
