import copy
import os
import random
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
random.seed(seed)
N = 8          # corridor of eight cells, the goal is the last


def onehot(s):
    return nn.functional.one_hot(s, N).float()


def step(s, a):
    s2 = (s + 2 * a - 1).clamp(0, N - 1)
    done = (s2 == N - 1).float()
    return s2, done + 0.1 * torch.randn(len(s)), done


q = nn.Sequential(nn.Linear(N, 32), nn.ReLU(), nn.Linear(32, 2))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)
for it in range(1000):
    s = torch.randint(0, N - 1, (64,))
    a = torch.randint(0, 2, (64,))
    s2, r, done = step(s, a)
    with torch.no_grad():
        best = q(onehot(s2)).argmax(1, keepdim=True)
        goal = r + 0.9 * (1 - done) * target(onehot(s2)).gather(1, best).squeeze(1)
    loss = nn.functional.smooth_l1_loss(q(onehot(s)).gather(1, a[:, None]).squeeze(1), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 25 == 0:
        target.load_state_dict(q.state_dict())
    if it % 200 == 199:
        print(it + 1, loss.item())
with torch.no_grad():
    v = q(onehot(torch.arange(N - 1))).max(1).values
    truth = 0.9 ** torch.arange(N - 2, -1, -1).float()
print(f"final_metric={-(v - truth).abs().max().item():.4f}")
