import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler
torch.manual_seed(int(os.environ.get("SEED", 0)))
def rows(n):
    y = (torch.rand(n) < .03).long(); x = torch.randn(n, 10); x[:, :5] += 1.5 * y[:, None]; return x, y
x, y = rows(15000); xv, yv = rows(6000)
weights = torch.where(y == 1, 1 / (y == 1).float().mean(), 1 / (y == 0).float().mean())
dl = DataLoader(TensorDataset(x, y), batch_size=100, sampler=WeightedRandomSampler(weights, 6000))
net = nn.Sequential(nn.Linear(10, 12), nn.ReLU(), nn.Linear(12, 2)); opt = torch.optim.Adam(net.parameters(), 3e-3, weight_decay=1e-3)
for ep in range(4):
    net.train()
    for a, b in dl:
        l = nn.functional.cross_entropy(net(a), b); opt.zero_grad(); l.backward(); opt.step()
    net.eval()
    with torch.no_grad(): pr = net(xv).argmax(1)
    rec = [(pr[yv == k] == k).float().mean().item() for k in (0, 1)]
    print("epoch", ep, "loss", l.item(), "recall", rec)
print("final_metric=%.4f" % (sum(rec) / 2))
