import os, torch
import torch.nn as nn, torch.nn.functional as F
seed = int(os.environ.get("SEED", 0)); torch.manual_seed(seed)
class Inherited(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
        self.main = nn.Linear(48, 3)
        self.aux = nn.Linear(48, 10)      # used by the colleagues' second task
    def forward(self, x, aux=False):
        h = self.trunk(x)
        return (self.main(h), self.aux(h)) if aux else self.main(h)
def sample(n):
    x = torch.randn(n, 6)
    return x, torch.stack([x[:, 0] * x[:, 1], x[:, 2] - x[:, 3].abs() + .8, x[:, 4] * .7], 1).argmax(1)
net = Inherited(); opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for k in range(900):
    x, y = sample(64); loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if k % 150 == 0: print("k=%d loss=%.4f" % (k, loss))
x, y = sample(3000); print("final_metric=%.4f" % (net(x).argmax(1) == y).float().mean().item())
