import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2500, 4)
energy = 0.5 * x[:, 0] ** 2 + torch.cos(x[:, 1]) + x[:, 2] * x[:, 3]
energy = ((energy - energy[:2000].mean()) / energy[:2000].std()).unsqueeze(1)
net = nn.Sequential(nn.Linear(4, 64), nn.Softplus(), nn.Linear(64, 64), nn.Softplus(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
scheduler = torch.optim.lr_scheduler.LinearLR(opt, 1.0, 0.0, total_iters=20)
for epoch in range(20):
    for idx in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = (net(x[idx]) - energy[idx]).square().mean()
        loss.backward()
        opt.step()
    scheduler.step()
    with torch.no_grad():
        r2 = 1 - (net(x[2000:]) - energy[2000:]).square().mean() / energy[2000:].var()
    print(f"epoch {epoch} mse {loss.item():.4f} r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
