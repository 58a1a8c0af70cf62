import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

# clouds of 80 points in the plane: negatively / not / positively correlated coordinates
N_PTS = 80


def cloud(kind):
    rho = (kind - 1) * rng.uniform(0.35, 0.8)
    p = rng.normal(size=(N_PTS, 2)) @ np.linalg.cholesky([[1, rho], [rho, 1]]).T
    return p + rng.normal(0, 0.2, 2)


def dataset(n):
    y = rng.integers(0, 3, n)
    return torch.tensor(np.stack([cloud(k) for k in y]), dtype=torch.float32), torch.tensor(y)


class PointNet(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.point = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.Softplus())
        self.cls = nn.Sequential(nn.Linear(width, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, pts):
        pooled = torch.tanh(self.point(pts).mean(dim=1))
        return self.cls(pooled)


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


x_train, y_train = dataset(800)
x_val, y_val = dataset(300)
model = PointNet()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=20)
ce = nn.CrossEntropyLoss()
for epoch in range(20):
    model.train()
    for idx in torch.randperm(len(x_train)).split(32):
        opt.zero_grad()
        loss = ce(model(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
    sched.step()
    print(f"epoch {epoch + 1} loss {loss.item():.3f} val {evaluate(model, x_val, y_val):.3f}")
print(f"final_metric={evaluate(model, x_val, y_val):.4f}")
