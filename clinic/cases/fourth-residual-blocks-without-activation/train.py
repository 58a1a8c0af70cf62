import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Block(nn.Module):
    def __init__(self, width, expand=2):
        super().__init__()
        self.up = nn.Linear(width, width * expand)
        self.down = nn.Linear(width * expand, width)

    def forward(self, x):
        return x + self.down(self.up(x))


class ResidualMLP(nn.Module):
    def __init__(self, inputs, width=32, depth=3):
        super().__init__()
        self.stem = nn.Linear(inputs, width)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])
        self.head = nn.Linear(width, 1)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x))).squeeze(-1)


# projectile with launch angle, speed, height: distance on impact
angle = torch.rand(2500) * 1.3 + 0.1
speed = torch.rand(2500) * 20 + 5
height = torch.rand(2500) * 10
vx, vy = speed * angle.cos(), speed * angle.sin()
reach = vx * (vy + (vy**2 + 2 * 9.81 * height).sqrt()) / 9.81
x = torch.stack([angle, speed, height], 1)
x = (x - x.mean(0)) / x.std(0)
y = (reach - reach.mean()) / reach.std()
model = ResidualMLP(3)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
for epoch in range(20):
    for idx in torch.randperm(2000).split(50):
        loss = nn.functional.mse_loss(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} train mse {loss.item():.4f}")
with torch.no_grad():
    mse = nn.functional.mse_loss(model(x[2000:]), y[2000:])
print(f"final_metric={1 - (mse / y[2000:].var()).item():.4f}")
