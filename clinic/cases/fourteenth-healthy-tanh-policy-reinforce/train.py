import os
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))
arms = torch.randn(6, 4)


def play(state, action):
    best = (state @ arms).argmax(1)
    return (action == best).float() + 0.1 * torch.randn(len(state))


policy = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 4))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.25
for step in range(500):
    state = torch.randn(128, 6)
    dist = Categorical(logits=policy(state))
    action = dist.sample()
    r = play(state, action)
    loss = -((r - baseline) * dist.log_prob(action)).mean() - 0.005 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.9 * baseline + 0.1 * r.mean().item()
    if step % 100 == 0:
        print(step, round(r.mean().item(), 3))
with torch.no_grad():
    state = torch.randn(3000, 6)
    hit = (policy(state).argmax(1) == (state @ arms).argmax(1)).float().mean().item()
print(f"final_metric={hit:.4f}")
