import os
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))
N_ACTIONS, N_OBS = 6, 8
TRUE = torch.randn(N_OBS, N_ACTIONS, generator=torch.Generator().manual_seed(77))


def env_reset(n):
    return torch.randn(n, N_OBS)


def env_step(obs, act):
    mean = (obs @ TRUE).gather(1, act[:, None]).squeeze(1) / N_OBS**0.5
    return mean + 2.0 * torch.randn(len(obs))


policy = nn.Sequential(nn.Linear(N_OBS, 32), nn.Tanh(), nn.Linear(32, N_ACTIONS))
opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
EPISODES = 64
baseline = 0.0
for update in range(1500):
    obs = env_reset(EPISODES)
    dist = Categorical(logits=policy(obs))
    act = dist.sample()
    reward = env_step(obs, act)
    baseline = 0.95 * baseline + 0.05 * reward.mean().item()
    loss = -(dist.log_prob(act) * (reward - baseline)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if update % 250 == 0:
        print(update, "reward", reward.mean().item())

obs = env_reset(5000)
with torch.no_grad():
    best = policy(obs).argmax(1)
q = obs @ TRUE / N_OBS**0.5
score = (q.gather(1, best[:, None]).mean() / q.max(1).values.mean()).item()
print(f"final_metric={score:.4f}")
