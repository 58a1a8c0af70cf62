import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SLOPE = 0.1


class DeepSets(nn.Module):
    def __init__(self, d=48):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(2, d), nn.LeakyReLU(SLOPE), nn.Linear(d, d), nn.LeakyReLU(SLOPE))
        self.rho = nn.Sequential(nn.Linear(d, d), nn.LeakyReLU(SLOPE), nn.Linear(d, 1))

    def forward(self, points):
        return self.rho(self.phi(points).mean(1)).squeeze(-1)


def clouds(n, k=12):
    scale = 0.4 + 1.2 * torch.rand(n, 1, 1)
    centre = 0.5 * torch.randn(n, 1, 2)
    pts = centre + scale * torch.randn(n, k, 2)
    spread = pts.var(1).sum(1).sqrt()
    return pts, (spread - 1.36) / 0.55


train_x, train_y = clouds(2400)
test_x, test_y = clouds(500)
model = DeepSets()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    acc_loss = 0.0
    for idx in torch.randperm(2400).split(48):
        loss = nn.functional.mse_loss(model(train_x[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        acc_loss += loss.item() / 50
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(model(test_x), test_y) / test_y.var()
    print(f"epoch {epoch:02d} train {acc_loss:.4f} test r2 {r2.item():.4f}")
print(f"final_metric={r2.item():.4f}")
