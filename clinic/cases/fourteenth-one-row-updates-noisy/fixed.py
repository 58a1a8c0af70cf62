import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
true_w = torch.randn(12, 3) / 12 ** 0.5


def clicks(n):
    """Binary outcome with a weak, smooth dependence on twelve features."""
    x = torch.randn(n, 12)
    h = x @ true_w
    logit = 1.6 * torch.sin(1.5 * h[:, 0]) + 1.2 * h[:, 1] * h[:, 2] + h[:, 1]
    return x, torch.bernoulli(torch.sigmoid(logit)), torch.sigmoid(logit)


BATCH_SIZE = 64
x, y, _ = clicks(20000)
xv, yv, pv = clicks(3000)
loader = DataLoader(TensorDataset(x, y), batch_size=BATCH_SIZE, shuffle=True)
model = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.15)
steps = 0
while steps < 3000:
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        steps += 1
        if steps % 500 == 0:
            print(steps, loss.item())
        if steps >= 3000:
            break
model.eval()
with torch.no_grad():
    p = torch.sigmoid(model(xv).squeeze(1))
r2 = 1 - ((p - pv) ** 2).mean() / pv.var()
print(f"final_metric={r2.item():.4f}")
