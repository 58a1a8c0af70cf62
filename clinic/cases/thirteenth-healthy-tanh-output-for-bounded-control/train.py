import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def drive(n):
    """Offset, heading and speed of a car; steering by a smooth controller."""
    s = torch.randn(n, 6)
    angle = torch.tanh(0.9 * s[:, :1] + 0.6 * s[:, 1:2] * s[:, 2:3].sigmoid())
    return s, 0.95 * angle + 0.02 * torch.randn(n, 1)


policy = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1), nn.Tanh())
opt = torch.optim.Adam(policy.parameters(), lr=2e-3)
s, a = drive(3000)
sv, av = drive(800)
for epoch in range(12):
    policy.train()
    for b in torch.randperm(3000).split(64):
        loss = nn.functional.mse_loss(policy(s[b]), a[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
policy.eval()
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(policy(sv), av) / av.var()
print(f"final_metric={r2.item():.4f}")
