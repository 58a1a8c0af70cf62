import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


class HouseEnergy(Dataset):
    """insulation, window share, orientation, wind, outside temperature, people -> heating need"""

    def __init__(self, n):
        f = np.random.uniform(-1.7, 1.7, (n, 6))
        need = np.maximum(0, -f[:, 4]) * (1.2 - 0.5 * f[:, 0]) + 0.5 * np.cos(1.8 * f[:, 2]) * f[:, 1] \
            + 0.4 * f[:, 3] ** 2 - 0.2 * f[:, 5]
        self.x = torch.tensor(f, dtype=torch.float32)
        self.y = torch.tensor((need - 0.95) / 1.0 + 0.05 * np.random.randn(n), dtype=torch.float32)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class EnergyModel(nn.Module):
    def __init__(self, n_features=6, hidden=64):
        super().__init__()
        self.fc1 = nn.Linear(n_features, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, hidden)
        self.act = nn.SiLU()
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        x = self.fc1(x)
        x = self.fc2(x)
        x = self.fc3(x)
        return self.out(x).squeeze(-1)


def main(epochs=14, batch_size=50, lr=2e-3):
    train, val = HouseEnergy(3000), HouseEnergy(800)
    loader = DataLoader(train, batch_size, shuffle=True)
    model = EnergyModel()
    opt = torch.optim.AdamW(model.parameters(), lr=lr)
    sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, epochs)
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            loss = nn.functional.smooth_l1_loss(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        model.eval()
        with torch.no_grad():
            r2 = 1 - ((model(val.x) - val.y) ** 2).mean().item() / val.y.var().item()
        print(f"{epoch:3d}  {loss.item():.4f}  R2 {r2:.4f}")
    print(f"final_metric={r2:.4f}")


main()
