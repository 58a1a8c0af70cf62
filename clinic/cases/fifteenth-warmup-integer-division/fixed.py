import os
import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(int(os.environ.get("SEED", 0)))
STEPS = 800
WARMUP = 80


class PointNet(nn.Module):
    """which solid is this point cloud sampled from?"""

    def __init__(self):
        super().__init__()
        self.point = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 64), nn.ReLU())
        self.cls = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, p):
        return self.cls(self.point(p).max(1).values)


def clouds(n, k=40):
    y = torch.randint(0, 3, (n,))
    sphere = nn.functional.normalize(torch.randn(n, k, 3), dim=-1)
    cube = torch.rand(n, k, 3) * 2 - 1
    disc = sphere * torch.tensor([1.0, 1.0, 0.15])
    pts = torch.stack([sphere, cube, disc], 1)[torch.arange(n), y]
    q, _ = torch.linalg.qr(torch.randn(n, 3, 3))
    return pts @ q + 0.05 * torch.randn(n, k, 3), y


def lr_lambda(step):
    if step < WARMUP:
        return step / WARMUP
    return 1.0


model = PointNet()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-4)
scheduler = LambdaLR(optimizer, lr_lambda)
for step in range(STEPS):
    p, y = clouds(48)
    loss = nn.functional.cross_entropy(model(p), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if step % 100 == 0:
        print(f"step={step} loss={loss.item():.4f}")
with torch.no_grad():
    p, y = clouds(1500)
    acc = (model(p).argmax(1) == y).float().mean()
print(f"final_metric={acc.item():.4f}")
