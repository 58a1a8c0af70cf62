import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
ACTIONS = 5
good = torch.randn(6, ACTIONS)

def observe(n):
    s = torch.randn(n, 6)
    legal = torch.rand(n, ACTIONS) < .97
    legal[:, 0] = True
    return s, legal

def reward(s, a):
    return torch.tanh(s @ good).gather(1, a[:, None])[:, 0] + .1 * torch.randn(len(a))

policy = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, ACTIONS))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
for it in range(400):
    s, legal = observe(128)
    prob = torch.softmax(policy(s).masked_fill(~legal, -1e9), 1)
    a = torch.multinomial(torch.nan_to_num(prob, nan=.2) + 1e-12, 1)[:, 0]
    r = reward(s, a)
    adv = (r - r.mean()) / (r.std() + 1e-6)
    logp = torch.log(prob.gather(1, a[:, None])[:, 0] + 1e-8)
    entropy = -(prob * torch.log(prob + 1e-8)).sum(1)
    loss = -(adv * logp).mean() - 0.01 * entropy.mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 80 == 0:
        print(f"update {it:3d} reward {r.mean():.3f} loss {loss.item():.4f}")
s, legal = observe(4000)
with torch.no_grad():
    a = torch.nan_to_num(policy(s), nan=0.).masked_fill(~legal, -1e9).argmax(1)
print(f"final_metric={reward(s, a).mean():.4f}")
