import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X = torch.tensor(load_digits().data, dtype=torch.float32) / 8 - 0.61
X = X[torch.randperm(len(X))]


class VQ(nn.Module):
    def __init__(self, groups=6, k=24, d=4):
        super().__init__()
        self.g, self.d = groups, d
        self.enc = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, groups * d))
        self.dec = nn.Sequential(nn.Linear(groups * d, 96), nn.ReLU(), nn.Linear(96, 64))
        self.code = nn.Parameter(torch.randn(k, d) * 0.3)

    def forward(self, x):
        z = self.enc(x).view(-1, self.d)
        idx = torch.cdist(z, self.code).argmin(1)
        q = self.code[idx]
        commit = F.mse_loss(z, q.detach())
        book = F.mse_loss(q, z.detach())
        st = z + (q - z).detach()
        return self.dec(st.view(len(x), -1)), book + 0.25 * commit


m = VQ()
opt = torch.optim.Adam(m.parameters(), lr=2e-3)
for it in range(900):
    x = X[torch.randint(0, 1500, (64,))]
    rec, aux = m(x)
    loss = F.mse_loss(rec, x) + aux
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 150 == 0:
        print(it, loss.item())
with torch.no_grad():
    v = X[1500:]
    print("final_metric=%.4f" % (1 - F.mse_loss(m(v)[0], v) / (v - X[:1500].mean(0)).pow(2).mean()))
