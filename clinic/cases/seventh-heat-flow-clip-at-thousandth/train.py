import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
MAX_NORM = 1e-3

def plate(n):
    p = torch.rand(n, 3) * 2 - 1
    u = torch.sin(3.14 * p[:, 0]) * torch.exp(-p[:, 2]) + p[:, 1] ** 2
    return p / 0.577, u.unsqueeze(1)

x, u = plate(2500)
xv, uv = plate(500)
m, s = u.mean(), u.std()
u, uv = (u - m) / s, (uv - m) / s
net = nn.Sequential(nn.Linear(3, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    total = 0.0
    for i in torch.randperm(2500).split(50):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x[i]), u[i])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), MAX_NORM)
        optimizer.step()
        total += loss.item() / 50
    with torch.no_grad():
        val = nn.functional.mse_loss(net(xv), uv).item()
    print(f"epoch {epoch}: train {total:.5f} val {val:.5f}")
print(f"final_metric={1 - val / uv.var().item():.4f}")
