import os
import torch, torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
P = torch.randn(6, 40)
def get(n): y = torch.randint(0, 6, (n,)); return P[y] * .5 + torch.randn(n, 40), y
class Wide(nn.Module):
    def __init__(self): super().__init__(); self.a = nn.Linear(40, 256); self.b = nn.Linear(256, 256); self.c = nn.Linear(256, 6); self.d = nn.Dropout(.5)
    def forward(self, x): return self.c(self.d(torch.relu(self.b(self.d(torch.relu(self.a(x)))))))
net = Wide(); opt = torch.optim.Adam(net.parameters(), 1e-3); x, y = get(6000); xv, yv = get(2000)
for ep in range(5):
    net.train(); t = 0
    for i in torch.randperm(6000).split(60):
        l = nn.functional.cross_entropy(net(x[i]), y[i]); opt.zero_grad(); l.backward(); opt.step(); t += l.item() / 100
    net.eval()
    with torch.no_grad(): v = nn.functional.cross_entropy(net(xv), yv).item()
    print(f"{ep} train {t:.3f} (with dropout) val {v:.3f}")
with torch.no_grad(): print("final_metric=%.4f" % (net(xv).argmax(1) == yv).float().mean().item())
