import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
L = 6

class Corridor:
    """n parallel walkers; the door is right of the start when the lamp is on, else left"""
    def __init__(self, n):
        self.n = n

    def reset(self):
        self.pos = torch.zeros(self.n)
        self.lamp = (torch.rand(self.n) < .5).float() * 2 - 1
        self.done = torch.zeros(self.n, dtype=torch.bool)
        return self.obs()

    def obs(self):
        return torch.stack([self.pos / L, self.lamp, self.pos * self.lamp / L], 1)

    def step(self, a):
        self.pos = torch.where(self.done, self.pos, self.pos + (a * 2 - 1).float())
        win = (self.pos * self.lamp >= L) & ~self.done
        lose = (self.pos * self.lamp <= -L) & ~self.done
        r = win.float() - lose.float() - .02 * (~self.done).float()
        self.done |= win | lose
        return self.obs(), r

policy = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 2))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 0.
env = Corridor(64)
hist = []
for it in range(100):
    o, logp, rew, alive = env.reset(), [], [], []
    for t in range(30):
        alive.append(~env.done)
        pi = torch.distributions.Categorical(logits=policy(o))
        a = pi.sample()
        logp.append(pi.log_prob(a))
        o, r = env.step(a)
        rew.append(r)
    R = torch.stack(rew).flip(0).cumsum(0).flip(0)
    baseline = .9 * baseline + .1 * R[0].mean().item()
    adv = (R - baseline)
    adv = adv / (adv.std() + 1e-6)
    loss = -(torch.stack(logp) * adv * torch.stack(alive)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    hist.append(R[0].mean().item())
    if it % 10 == 9:
        print(it + 1, 'return', sum(hist[-10:]) / 10, 'loss', loss.item())
print('final_metric=%.4f' % (sum(hist[-10:]) / 10))
