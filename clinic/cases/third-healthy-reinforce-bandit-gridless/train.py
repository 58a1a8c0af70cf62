import os, torch
from torch import nn
from torch.distributions import Categorical
torch.manual_seed(int(os.environ.get("SEED", 0)))
pi, V = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 4)), nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam([*pi.parameters(), *V.parameters()], lr=5e-3); T = torch.randn(4, 4)
def env(s, a): return ((s @ T).argmax(1) == a).float()
for it in range(500):
    s = torch.randn(96, 4); dist = Categorical(logits=pi(s)); a = dist.sample(); r = env(s, a); v = V(s)[:, 0]
    adv = (r - v).detach()
    loss = -(dist.log_prob(a) * adv).mean() + .5 * (r - v).pow(2).mean() - .003 * dist.entropy().mean()
    opt.zero_grad(); loss.backward(); opt.step()
    if it % 100 == 0: print("update", it, "reward", r.mean().item(), "loss", loss.item())
s = torch.randn(3000, 4)
with torch.no_grad(): print("final_metric=%.4f" % env(s, pi(s).argmax(1)).mean().item())
