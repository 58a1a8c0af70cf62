import os
import torch
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def trial(n):
    x = torch.randn(n, 5)
    p = torch.sigmoid(2 * x[:, 0] - 1.5 * x[:, 1] + torch.sin(2 * x[:, 2]))
    return x, torch.bernoulli(p), p


x, y, _ = trial(8000)
xt, yt, pt = trial(4000)
net = torch.nn.Sequential(torch.nn.Linear(5, 24), torch.nn.Tanh(), torch.nn.Linear(24, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
dl = DataLoader(TensorDataset(x, y), batch_size=100, shuffle=True)
for epoch in range(12):
    tot = 0.0
    for xb, yb in dl:
        opt.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(net(xb)[:, 0], yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    print(epoch, round(tot / len(dl), 4))
with torch.no_grad():
    q = torch.sigmoid(net(xt)[:, 0])
    r2 = 1 - (q - pt).pow(2).mean() / pt.var()
print(f"final_metric={r2.item():.4f}")
