import os
import numpy as np
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rs = np.random.RandomState(SEED)

# bike rentals per hour (synthetic): hour, temperature, holiday
n = 2000
hour = rs.randint(0, 24, n)
temp = rs.normal(0, 1, n)
hol = rs.rand(n) < 0.2
lam = np.exp(1.0 + 1.2 * np.sin(hour / 24 * 2 * np.pi) + 0.4 * temp - 0.5 * hol)
cnt = rs.poisson(lam)
feats = np.stack([np.sin(hour / 24 * 2 * np.pi), np.cos(hour / 24 * 2 * np.pi), temp, hol - 0.2], 1)
X, y = torch.tensor(feats, dtype=torch.float32), torch.tensor(cnt, dtype=torch.float32)


class RMSLELoss(nn.Module):
    def forward(self, pred, actual):
        return torch.sqrt(torch.mean((torch.log(pred.clamp(min=0) + 1) - torch.log(actual + 1)) ** 2) + 1e-8)


model = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
crit = RMSLELoss()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
dl = DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=50, shuffle=True)
for epoch in range(15):
    for xb, yb in dl:
        opt.zero_grad()
        loss = crit(model(xb).squeeze(-1), yb)
        loss.backward()
        opt.step()
    print("epoch", epoch, "rmsle", loss.item())
with torch.no_grad():
    p = model(X[1500:]).squeeze(-1).clamp(min=0)
    t = y[1500:]
    r = 1 - ((torch.log1p(p) - torch.log1p(t)) ** 2).mean() / torch.log1p(t).var()
r = r.item()
print("final_metric=%.4f" % (r if r == r else -1.0))
