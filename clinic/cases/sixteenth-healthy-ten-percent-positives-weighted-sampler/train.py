import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(int(os.environ.get("SEED", 0)))


def screws(n):
    bad = (torch.rand(n) < 0.1).long()
    x = torch.randn(n, 9)
    x[:, :3] += 1.6 * bad[:, None]
    return x, bad


xt, yt = screws(4000)
xv, yv = screws(2000)
weights = torch.where(yt == 1, 9.0, 1.0)
sampler = WeightedRandomSampler(weights, num_samples=len(yt), replacement=True)
loader = DataLoader(TensorDataset(xt, yt), batch_size=64, sampler=sampler)
model = nn.Sequential(nn.Linear(9, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        pred = model(xv).argmax(1)
    rec = [(pred[yv == c] == c).float().mean().item() for c in (0, 1)]
    print(epoch, f"loss {loss.item():.3f}", "recalls", rec)
print(f"final_metric={sum(rec) / 2:.4f}")
