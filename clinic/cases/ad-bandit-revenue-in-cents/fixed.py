import os
import torch
import torch.nn as nn
from torch.distributions import Categorical

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

N_ADS, N_CTX = 5, 8
taste = torch.randn(N_CTX, N_ADS)


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(N_CTX, 64), nn.Tanh())
        self.policy = nn.Linear(64, N_ADS)
        self.value = nn.Linear(64, 1)

    def forward(self, ctx):
        h = self.trunk(ctx)
        return Categorical(logits=self.policy(h)), self.value(h).squeeze(-1)


def revenue(ctx, ad):
    best = ctx @ taste
    cents = 2000 + 600 * best.gather(1, ad[:, None]).squeeze(1)
    return cents + 300 * torch.randn(len(ad))


def greedy_share(model, n=2000):
    """how much of the possible gain over random ads the greedy policy gets"""
    ctx = torch.randn(n, N_CTX)
    with torch.no_grad():
        dist, _ = model(ctx)
    best = ctx @ taste
    got = best.gather(1, dist.probs.argmax(1, keepdim=True)).squeeze(1)
    return ((got - best.mean(1)).mean() / (best.max(1).values - best.mean(1)).mean()).item()


agent = ActorCritic()
opt = torch.optim.Adam(agent.parameters(), lr=3e-3)

for it in range(1, 601):
    ctx = torch.randn(64, N_CTX)
    dist, value = agent(ctx)
    ad = dist.sample()
    reward = revenue(ctx, ad) / 1000 - 2
    advantage = (reward - value).detach()
    policy_loss = -(dist.log_prob(ad) * advantage).mean()
    value_loss = nn.functional.mse_loss(value, reward)
    loss = policy_loss + 0.5 * value_loss - 0.01 * dist.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 60 == 0:
        print(f"{it}: mean revenue {reward.mean().item():.0f}  value loss {value_loss.item():.4g}  share {greedy_share(agent):.3f}")

print(f"final_metric={greedy_share(agent, 10000):.4f}")
