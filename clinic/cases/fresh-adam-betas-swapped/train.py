import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# next-value prediction for coupled oscillators
def trajectories(n, T=20):
    w = torch.rand(n, 1) * 0.6 + 0.3
    ph = torch.rand(n, 2) * 6.283
    t = torch.arange(T + 1).float()
    a = torch.sin(w * t + ph[:, :1])
    b = torch.cos(1.5 * w * t + ph[:, 1:])
    s = torch.stack([a, a * b], -1)
    return s[:, :-1], s[:, 1:]

class Forecaster(nn.Module):
    def __init__(self, h=32):
        super().__init__()
        self.rnn = nn.GRU(2, h, batch_first=True)
        self.out = nn.Linear(h, 2)
    def forward(self, x):
        return self.out(self.rnn(x)[0])

x, y = trajectories(800)
xv, yv = trajectories(200)
f = Forecaster()
opt = torch.optim.Adam(f.parameters(), lr=1e-2, betas=(0.999, 0.9), eps=1e-8)
for k in range(300):
    i = torch.randint(0, 800, (32,))
    loss = nn.functional.mse_loss(f(x[i]), y[i])
    opt.zero_grad(); loss.backward(); opt.step()
    if k % 50 == 0: print(k, loss.item())
with torch.no_grad():
    r = 1 - nn.functional.mse_loss(f(xv), yv) / yv.var()
print("final_metric=%.4f" % max(r.item(), -10))
