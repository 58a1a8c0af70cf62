import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
people, films = torch.randn(300, 4), torch.randn(200, 4)
pairs = torch.stack([torch.randint(300, (3200,)), torch.randint(200, (3200,))], 1)
u, f = people[pairs[:, 0]], films[pairs[:, 1]]
liking = 0.7 * (u[:, 0] * f[:, 0] + u[:, 1] * f[:, 1]) + 0.5 * f[:, 2]
stars = liking + 1.5 * torch.randn(3200)


class TwoTower(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.person = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, dim))
        self.film = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, dim))

    def forward(self, u, f):
        return (self.person(u) * self.film(f)).sum(1)


model = TwoTower()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
batch_size = 2
for epoch in range(4):
    order = torch.randperm(2500)
    total = 0.0
    for at in range(0, 2500, batch_size):
        rows = order[at:at + batch_size]
        loss = (model(u[rows], f[rows]) - stars[rows]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(rows)
    print(f"epoch {epoch} train mse {total / 2500:.3f}")
with torch.no_grad():
    error = (model(u[2500:], f[2500:]) - liking[2500:]).pow(2).mean()
print(f"final_metric={1 - error.item() / liking[2500:].var().item():.4f}")
