import os
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))
STATE, ACTIONS = 8, 5
best = torch.randn(STATE, ACTIONS)


def reward(state, action):
    """1 for the best arm of this context, a small reward for the second best."""
    rank = (state @ best).argsort(1, descending=True).argsort(1)
    r = rank.gather(1, action[:, None]).squeeze(1)
    return (r == 0).float() + 0.2 * (r == 1).float() + 0.1 * torch.randn(len(r))


policy = nn.Sequential(nn.Linear(STATE, 32), nn.Tanh(), nn.Linear(32, ACTIONS))
opt = torch.optim.SGD(policy.parameters(), lr=0.5)
baseline = 0.0
for step in range(1200):
    state = torch.randn(128, STATE)
    dist = Categorical(logits=policy(state))
    action = dist.sample()
    r = reward(state, action)
    baseline = 0.95 * baseline + 0.05 * r.mean().item()
    loss = -((r - baseline) * dist.log_prob(action)).mean()
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(policy.parameters(), 1.0)
    opt.step()
    if step % 200 == 0:
        print(step, round(r.mean().item(), 3))

with torch.no_grad():
    state = torch.randn(4000, STATE)
    hit = (policy(state).argmax(1) == (state @ best).argmax(1)).float().mean().item()
print(f"final_metric={hit:.4f}")
