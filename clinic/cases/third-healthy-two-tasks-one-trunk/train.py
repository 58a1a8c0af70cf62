import os, torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
class Multi(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 32, batch_first=True, bidirectional=True); self.kind = nn.Linear(64, 3); self.level = nn.Linear(64, 1)
    def forward(self, x): h = self.rnn(x)[0].mean(1); return self.kind(h), self.level(h)[:, 0]
def signals(n):
    k = torch.randint(0, 3, (n,)); lvl = torch.randn(n); t = torch.arange(16) / 16.
    base = torch.stack([torch.sin(6.3 * t), torch.sign(torch.sin(6.3 * t)), 2 * t - 1])[k]
    x = torch.stack([base, base.roll(3, 1), torch.zeros(n, 16)], -1) + .3 * torch.randn(n, 16, 3); x[..., 2] += lvl[:, None]
    return x, k, lvl
net = Multi(); opt = torch.optim.Adam(net.parameters(), 3e-3)
for i in range(300):
    x, k, lvl = signals(64); a, b = net(x); l1, l2 = nn.functional.cross_entropy(a, k), nn.functional.mse_loss(b, lvl)
    opt.zero_grad(); (l1 + .5 * l2).backward(); opt.step()
    if i % 50 == 0: print({"it": i, "kind": round(l1.item(), 3), "level": round(l2.item(), 3)})
x, k, lvl = signals(2000)
with torch.no_grad(): a, b = net(x); print("final_metric=%.4f" % (.5 * (a.argmax(1) == k).float().mean() + .5 * (1 - nn.functional.mse_loss(b, lvl) / lvl.var())).item())
