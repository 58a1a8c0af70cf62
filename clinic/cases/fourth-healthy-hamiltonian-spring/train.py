import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
H = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1, bias=False))
# nonlinear spring: H = p^2/2 + q^2/2 + q^4/8
state = torch.rand(2000, 2) * 3 - 1.5
q, p = state[:, 0], state[:, 1]
rates = torch.stack([p, -q - q**3 / 2], 1) + 0.02 * torch.randn(2000, 2)


def flow(z):
    z = z.detach().requires_grad_(True)
    with torch.enable_grad():
        dH, = torch.autograd.grad(H(z).sum(), z, create_graph=True)
    return torch.stack([dH[:, 1], -dH[:, 0]], 1)


opt = torch.optim.Adam(H.parameters(), lr=3e-3)
for epoch in range(25):
    for idx in torch.randperm(1600).split(50):
        loss = (flow(state[idx]) - rates[idx]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
error = (flow(state[1600:]) - rates[1600:]).pow(2).mean().item()
print(f"final_metric={1 - error / rates[1600:].var().item():.4f}")
