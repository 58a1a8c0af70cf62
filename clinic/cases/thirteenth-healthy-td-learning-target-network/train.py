import copy
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N, GAMMA = 12, 0.8

# random walk on a ring of states with random rewards; exact values by linear algebra
reward = torch.randn(N)
P = torch.zeros(N, N)
for s in range(N):
    P[s, (s + 1) % N] = 0.7
    P[s, (s - 1) % N] = 0.3
true_value = torch.linalg.solve(torch.eye(N) - GAMMA * P, reward)
scale = true_value.std()
reward, true_value = reward / scale, true_value / scale

value = nn.Sequential(nn.Linear(N, 32), nn.Tanh(), nn.Linear(32, 1))
target = copy.deepcopy(value)
for p in target.parameters():
    p.requires_grad_(False)
opt = torch.optim.Adam(value.parameters(), lr=3e-3)
eye = torch.eye(N)
for step in range(2500):
    s = torch.randint(0, N, (128,))
    nxt = torch.where(torch.rand(128) < 0.7, (s + 1) % N, (s - 1) % N)
    with torch.no_grad():
        goal = reward[s] + GAMMA * target(eye[nxt]).squeeze(1)
    loss = nn.functional.mse_loss(value(eye[s]).squeeze(1), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for a, b in zip(target.parameters(), value.parameters()):
            a.lerp_(b, 0.05)
    if step % 250 == 0:
        print(step, loss.item())
with torch.no_grad():
    err = (value(eye).squeeze(1) - true_value).square().mean()
print(f"final_metric={1 - (err / true_value.var()).item():.4f}")
