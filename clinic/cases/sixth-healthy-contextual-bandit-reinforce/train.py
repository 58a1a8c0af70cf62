import os
import torch
import torch.nn as nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))

ARMS, CTX = 4, 8
theta = torch.randn(CTX, ARMS)
policy = nn.Sequential(nn.Linear(CTX, 32), nn.Tanh(), nn.Linear(32, ARMS))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.0
test_ctx = torch.randn(1000, CTX)
best = (test_ctx @ theta).argmax(1)

for step in range(1, 801):
    ctx = torch.randn(64, CTX)
    dist = Categorical(logits=policy(ctx))
    arm = dist.sample()
    reward = torch.tanh((ctx @ theta).gather(1, arm[:, None]).squeeze(1) / 2) + 0.1 * torch.randn(64)
    loss = -(dist.log_prob(arm) * (reward - baseline)).mean() - 0.005 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    if step % 100 == 0:
        with torch.no_grad():
            hit = (policy(test_ctx).argmax(1) == best).float().mean().item()
        print(f"step {step} loss {loss.item():+.3f} reward {reward.mean():.3f} best arm {hit:.3f}")
print(f"final_metric={hit:.4f}")
