import os, random, copy, torch
from torch import nn
s0 = int(os.environ.get("SEED", 0)); torch.manual_seed(s0); random.seed(s0)
N = 8
onehot = torch.eye(N)
def step(s, a):
    n = min(N - 1, s + 1) if a else max(0, s - 1)
    return n, 1. if n == N - 1 else 0., n == N - 1
q = nn.Sequential(nn.Linear(N, 32), nn.ReLU(), nn.Linear(32, 2)); tgt = copy.deepcopy(q).requires_grad_(False); opt = torch.optim.Adam(q.parameters(), 3e-3)
memory, s = [], 0
for t in range(1600):
    a = random.randrange(2) if random.random() < .5 else int(q(onehot[s]).argmax())
    n, r, done = step(s, a); memory.append((s, a, r, n, done)); s = random.randrange(N - 1) if done or random.random() < .05 else n
    if len(memory) >= 64:
        S, A, R, S2, Dn = map(torch.tensor, zip(*random.sample(memory, 32)))
        with torch.no_grad(): y = R.float() + .9 * tgt(onehot[S2]).max(1)[0] * (~Dn)
        loss = nn.functional.smooth_l1_loss(q(onehot[S]).gather(1, A[:, None])[:, 0], y); opt.zero_grad(); loss.backward(); opt.step()
    if t % 50 == 0: tgt.load_state_dict(q.state_dict())
    if t % 200 == 199: print("t", t + 1, "td loss", round(loss.item(), 5))
true = .9 ** torch.arange(N - 2, -1, -1).float()
with torch.no_grad(): print("final_metric=%.4f" % (1 - ((q(onehot[:N - 1])[:, 1] - true) ** 2).mean() / true.var()).item())
