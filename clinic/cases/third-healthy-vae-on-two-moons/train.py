import os, torch
from torch import nn
from sklearn.datasets import make_moons
s = int(os.environ.get("SEED", 0)); torch.manual_seed(s)
X = torch.tensor(make_moons(6000, noise=.06, random_state=s)[0]).float(); X = (X - X.mean(0)) / X.std(0)
class VAE(nn.Module):
    def __init__(self):
        super().__init__(); self.e = nn.Sequential(nn.Linear(2, 48), nn.SiLU(), nn.Linear(48, 4)); self.d = nn.Sequential(nn.Linear(2, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 2))
    def forward(self, x):
        mu, lv = self.e(x).chunk(2, 1); z = mu + torch.randn_like(mu) * (.5 * lv).exp(); return self.d(z), mu, lv
vae = VAE(); opt = torch.optim.Adam(vae.parameters(), 2e-3); step = 0
for ep in range(15):
    for i in torch.randperm(5000).split(100):
        r, mu, lv = vae(X[i]); kl = -.5 * (1 + lv - mu ** 2 - lv.exp()).sum(1).mean(); rec = ((r - X[i]) ** 2).sum(1).mean() / .05
        beta = min(1., step / 200); step += 1
        loss = rec / 2 + beta * kl; opt.zero_grad(); loss.backward(); opt.step()
    if ep % 3 == 0: print("epoch", ep, "rec", rec.item(), "kl", kl.item())
with torch.no_grad():
    mu = vae.e(X[5000:])[:, :2]; print("final_metric=%.4f" % (1 - (vae.d(mu) - X[5000:]).pow(2).mean() / X[5000:].var()).item())
