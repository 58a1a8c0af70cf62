import copy
import os
import random

import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)
SIZE, GAMMA = 5, 0.9
MOVES = [(0, 1), (0, -1), (1, 0), (-1, 0)]
GOAL, PIT = (4, 4), (2, 2)


def step(s, a):
    r, c = s[0] + MOVES[a][0], s[1] + MOVES[a][1]
    r, c = min(max(r, 0), SIZE - 1), min(max(c, 0), SIZE - 1)
    if (r, c) == GOAL:
        return (r, c), 1.0, True
    if (r, c) == PIT:
        return (r, c), -1.0, True
    return (r, c), -0.02, False


def encode(states):
    out = torch.zeros(len(states), 2 * SIZE)
    for i, (r, c) in enumerate(states):
        out[i, r] = out[i, SIZE + c] = 1
    return out


q = nn.Sequential(nn.Linear(2 * SIZE, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
target = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters(), lr=2e-3)
cells = [(r, c) for r in range(SIZE) for c in range(SIZE) if (r, c) not in (GOAL, PIT)]
replay = []
for it in range(900):
    for _ in range(6):
        s, a = random.choice(cells), random.randrange(4)
        replay.append((s, a, *step(s, a)))
    batch = random.sample(replay, min(48, len(replay)))
    s, a, s2, r, done = zip(*batch)
    with torch.no_grad():
        best = target(encode(s2)).max(1).values
        goal = torch.tensor(r) + GAMMA * best * (1 - torch.tensor(done, dtype=torch.float32))
    pred = q(encode(s)).gather(1, torch.tensor(a)[:, None]).squeeze(1)
    loss = nn.functional.smooth_l1_loss(pred, goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 30 == 0:
        target.load_state_dict(q.state_dict())
    if it % 150 == 0:
        print(it, loss.item())

solved = 0
for s in cells:
    need = abs(s[0] - 4) + abs(s[1] - 4)
    cur, total = s, 0
    while total < need + 2:
        with torch.no_grad():
            cur, reward, done = step(cur, int(q(encode([cur])).argmax()))
        total += 1
        if done:
            solved += reward > 0
            break
print(f"final_metric={solved / len(cells):.4f}")
