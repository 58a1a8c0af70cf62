import os
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))
W = torch.randn(6, 4)


def best_action(x):
    return (x @ W).argmax(1)


policy = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 4))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
baseline = 0.0
for it in range(700):
    x = torch.randn(128, 6)
    pi = Categorical(logits=policy(x))
    a = pi.sample()
    reward = (a == best_action(x)).float() + 0.1 * torch.randn(128)
    loss = -((reward - baseline) * pi.log_prob(a)).mean() - 0.01 * pi.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.9 * baseline + 0.1 * reward.mean().item()
    if it % 100 == 0:
        print(f"{it} loss {loss.item():+.3f} mean reward {reward.mean().item():.3f}")
with torch.no_grad():
    x = torch.randn(3000, 6)
    acc = (policy(x).argmax(1) == best_action(x)).float().mean().item()
print(f"final_metric={acc:.4f}")
