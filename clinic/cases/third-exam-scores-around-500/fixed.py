import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
g = torch.Generator().manual_seed(10 + int(os.environ.get("SEED", 0)))
SCALE, SHIFT = 80.0, 500.0

def students(n):
    clicks = torch.randint(0, 8, (n, 14), generator=g)
    skill = torch.tensor([-1., -.6, -.3, 0, .2, .4, .6, .9])
    s = skill[clicks].mean(1) * 3.6 + .1 * torch.randn(n, generator=g)
    return clicks, SHIFT + SCALE * s

class ScoreNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.gru, self.head = nn.Embedding(8, 12), nn.GRU(12, 32, batch_first=True), nn.Linear(32, 1)
    def forward(self, c):
        _, h = self.gru(self.emb(c))
        return self.head(h.squeeze(0)).squeeze(1)

net = ScoreNet()
sgd = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
huber = nn.MSELoss()
for it in range(600):
    c, t = students(64)
    target = (t - SHIFT) / SCALE
    sgd.zero_grad(); loss = huber(net(c), target); loss.backward(); sgd.step()
    if it % 100 == 99: print("it", it + 1, "loss", loss.item())
c, t = students(2000)
with torch.no_grad():
    p = net(c)
    if abs(p.mean().item()) < 50: p = p * SCALE + SHIFT
    r2 = (1 - ((p - t) ** 2).mean() / t.var()).item()
print("final_metric=%.4f" % (r2 if r2 == r2 and r2 > -10 else -10))
