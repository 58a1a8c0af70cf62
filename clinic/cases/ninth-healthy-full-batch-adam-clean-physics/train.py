import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
# drag of a sphere from log Reynolds number, roughness and shape
x = torch.rand(1200, 3) * 2 - 1
y = torch.tanh(2 * x[:, 0]) + 0.5 * x[:, 1] * x[:, 0] + 0.3 * torch.cos(2 * x[:, 2])
x = x / 0.577
y = ((y - y.mean()) / y.std() + 0.05 * torch.randn(1200)).unsqueeze(1)
net = nn.Sequential(nn.Linear(3, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(400):
    loss = (net(x[:1000]) - y[:1000]).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 49:
        print(f"step {step + 1} loss {loss.item():.5f}")
with torch.no_grad():
    r2 = 1 - (net(x[1000:]) - y[1000:]).square().mean() / y[1000:].var()
print(f"final_metric={r2.item():.4f}")
