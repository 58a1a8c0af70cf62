import os
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))
N, T = 32, 25


def reset():
    return torch.randn(N, 2) * 0.5


def step(s, a):
    """unstable point: push left or right"""
    pos, vel = s[:, 0], s[:, 1]
    acc = 0.8 * pos + torch.where(a == 1, 1.0, -1.0)
    vel = 0.9 * vel + 0.2 * acc
    pos = (pos + 0.2 * vel).clamp(-3, 3)
    return torch.stack([pos, vel], 1), (pos.abs() < 1).float()


policy = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))
value = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
opt_p = torch.optim.Adam(policy.parameters(), lr=1e-2)
opt_v = torch.optim.Adam(value.parameters(), lr=1e-2)

for it in range(80):
    s = reset()
    logps, vals, rews = [], [], []
    for t in range(T):
        dist = Categorical(logits=policy(s))
        a = dist.sample()
        vals.append(value(torch.cat([s, torch.full((N, 1), 2 * t / T - 1)], 1)).squeeze(1))
        logps.append(dist.log_prob(a))
        s, r = step(s, a)
        rews.append(r)
    logps, vals, rews = torch.stack(logps), torch.stack(vals), torch.stack(rews)
    returns = rews.flip(0).cumsum(0).flip(0) / T
    adv = returns - vals.detach()
    adv = (adv - adv.mean()) / (adv.std() + 1e-6)
    policy_loss = -(logps * adv).mean()
    value_loss = (vals - returns).pow(2).mean()
    opt_p.zero_grad(); policy_loss.backward(); opt_p.step()
    opt_v.zero_grad(); value_loss.backward(); opt_v.step()
    if it % 20 == 19:
        print("iter", it + 1, "mean reward per step", round(rews.mean().item(), 3))

with torch.no_grad():
    s, total = reset(), 0.0
    for t in range(T):
        s, r = step(s, policy(s).argmax(1))
        total += r.mean().item() / T
print(f"final_metric={total:.4f}")
