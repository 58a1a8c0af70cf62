# DQN, chain of 8 cells with a goal, just to see it work
import os
import random
from collections import deque

import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
random.seed(seed)
N, GAMMA = 8, 0.9


def obs(s):
    return [(1.0 if i == s else 0.0) for i in range(N)]


def act_env(s, a):
    s2 = max(0, min(N - 1, s + (1 if a == 1 else -1)))
    return s2, (1.0 if s2 == N - 1 else -0.02), s2 == N - 1


q, target = (nn.Sequential(nn.Linear(N, 32), nn.ReLU(), nn.Linear(32, 2)) for _ in range(2))
target.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=2e-3)
memory = deque(maxlen=3000)
steps = 0
for episode in range(150):
    s, done, k = random.randrange(N - 1), False, 0
    eps = max(0.1, 1 - episode / 80)
    while not done and k < 40:
        if random.random() < eps:
            a = random.randrange(2)
        else:
            with torch.no_grad():
                a = q(torch.tensor(obs(s))).argmax().item()
        s2, r, done = act_env(s, a)
        memory.append((obs(s), a, r, obs(s2), float(done)))
        s, k, steps = s2, k + 1, steps + 1
        if len(memory) >= 64:
            bs, ba, br, bs2, bd = map(torch.tensor, zip(*random.sample(memory, 48)))
            with torch.no_grad():
                tgt = br + GAMMA * (1 - bd) * target(bs2).max(1).values
            loss = nn.functional.smooth_l1_loss(q(bs).gather(1, ba[:, None]).squeeze(1), tgt)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if steps % 100 == 0:
            target.load_state_dict(q.state_dict())
    if episode % 25 == 0:
        print("episode", episode, "length", k)
with torch.no_grad():
    v = q(torch.eye(N)[: N - 1])
    true = torch.tensor([GAMMA ** (N - 2 - i) - 0.02 * sum(GAMMA**j for j in range(N - 2 - i)) for i in range(N - 1)])
    print("values", v.max(1).values.tolist())
err = (v.max(1).values - true).abs().mean().item()
right = (v.argmax(1) == 1).float().mean().item()
print(f"final_metric={right - err:.4f}")
