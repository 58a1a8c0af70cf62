import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def rollout(n_env=64, horizon=40):
    """Random policy on a noisy cart; reward 10 per step near the origin. Returns states and rewards-to-go."""
    pos, vel = torch.randn(n_env), 0.3 * torch.randn(n_env)
    states, rewards = [], []
    for t in range(horizon):
        states.append(torch.stack([pos, vel, torch.full_like(pos, 2 * t / horizon - 1)], 1))
        vel = 0.95 * vel + 0.05 * torch.randn(n_env)
        pos = pos + 0.2 * vel
        rewards.append(20.0 * torch.exp(-pos ** 2))
    rewards = torch.stack(rewards)
    returns = rewards.flip(0).cumsum(0).flip(0)
    return torch.cat(states), returns.reshape(-1)


critic = nn.Sequential(nn.Linear(3, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
opt = torch.optim.SGD(critic.parameters(), lr=0.02, momentum=0.9)
s, ret = rollout()
s_val, ret_val = rollout()
shift, scale = 0.0, 1.0
ret, ret_val = (ret - shift) / scale, (ret_val - shift) / scale

for epoch in range(12):
    for mb in torch.randperm(len(s)).split(64):
        value = critic(s[mb]).squeeze(-1)
        loss = 0.5 * (value - ret[mb]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        ev = 1 - (ret_val - critic(s_val).squeeze(-1)).var() / ret_val.var()
    print("epoch", epoch, "value loss", loss.item(), "explained variance", ev.item())
print(f"final_metric={max(-1.0, ev.nan_to_num(-1.0).item()):.4f}")
