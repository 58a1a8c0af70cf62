import os
import copy
import random
from collections import deque
import torch
from torch import nn

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
random.seed(SEED)
N = 5

class Grid:
    """walk on a 5 x 5 board to the corner; a pit in the middle"""
    moves = ((0, 1), (0, -1), (1, 0), (-1, 0))
    def reset(self):
        self.p, self.t = [random.randrange(3), random.randrange(2)], 0
        return self.obs()
    def obs(self):
        o = [0.] * (2 * N)
        o[self.p[0]] = o[N + self.p[1]] = 1.
        return o
    def step(self, a):
        d = self.moves[a]
        self.p = [min(N - 1, max(0, self.p[i] + d[i])) for i in (0, 1)]
        self.t += 1
        if self.p == [N - 1, N - 1]:
            return self.obs(), 1., True
        if self.p == [2, 2]:
            return self.obs(), -1., True
        return self.obs(), -.02, self.t >= 30

q = nn.Sequential(nn.Linear(2 * N, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
target = copy.deepcopy(q).requires_grad_(False)
opt = torch.optim.Adam(q.parameters(), lr=1e-3)
memory, env, rets = deque(maxlen=5000), Grid(), []
s, ret = env.reset(), 0.
for step in range(3500):
    eps = max(.05, 1 - step / 1800)
    with torch.no_grad():
        a = random.randrange(4) if random.random() < eps else q(torch.tensor(s)).argmax().item()
    s2, r, done = env.step(a)
    memory.append((s, a, r, s2, done and r != -.02))
    ret += r
    s = s2
    if done:
        rets.append(ret)
        s, ret = env.reset(), 0.
    if len(memory) >= 300 and step % 2 == 0:
        S, A, R, S2, Dn = zip(*random.sample(memory, 64))
        S, S2, A, R, Dn = torch.tensor(S), torch.tensor(S2), torch.tensor(A), torch.tensor(R), torch.tensor(Dn).float()
        with torch.no_grad():
            nxt = target(S2).gather(1, q(S2).argmax(1, keepdim=True))[:, 0]
            y = R + .95 * (1 - Dn) * nxt
        loss = nn.functional.smooth_l1_loss(q(S).gather(1, A[:, None])[:, 0], y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for pt, p in zip(target.parameters(), q.parameters()):
                pt.lerp_(p, .02)
    if step % 500 == 499:
        print(step + 1, 'return', sum(rets[-20:]) / 20)
print('final_metric=%.4f' % (sum(rets[-20:]) / 20))
