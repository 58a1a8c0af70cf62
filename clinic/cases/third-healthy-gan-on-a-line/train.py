import os, torch
from torch import nn, optim
torch.manual_seed(int(os.environ.get("SEED", 0)))
class G(nn.Module):
    def __init__(self):
        super().__init__(); self.f = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(.2), nn.Linear(32, 32), nn.LeakyReLU(.2), nn.Linear(32, 1))
    def forward(self, z): return self.f(z)
class D(nn.Module):
    def __init__(self):
        super().__init__(); self.f = nn.Sequential(nn.Linear(1, 32), nn.LeakyReLU(.2), nn.Linear(32, 32), nn.LeakyReLU(.2), nn.Linear(32, 1))
    def forward(self, x): return self.f(x)
g, d = G(), D()
og, od = optim.Adam(g.parameters(), 1e-3, (.5, .999)), optim.Adam(d.parameters(), 1e-3, (.5, .999))
L = nn.BCEWithLogitsLoss(); one = torch.ones(64, 1); zero = torch.zeros(64, 1)
real = lambda n: torch.randn(n, 1) * .5 + 1.0
for i in range(1200):
    od.zero_grad(); ld = L(d(real(64)), one * .9) + L(d(g(torch.randn(64, 2)).detach()), zero); ld.backward(); od.step()
    og.zero_grad(); lg = L(d(g(torch.randn(64, 2))), one); lg.backward(); og.step()
    if i % 200 == 0: print("iter", i, "D", ld.item(), "G", lg.item())
with torch.no_grad():
    f = g(torch.randn(5000, 2))
print("final_metric=%.4f" % -(abs(f.mean().item() - 1.0) + abs(f.std().item() - .5)))
