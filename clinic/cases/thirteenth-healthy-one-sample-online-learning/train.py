import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(8) / 8**0.5


def stream(n):
    for _ in range(n):
        x = torch.randn(8)
        yield x, torch.tanh(2 * (x @ w)) + 0.05 * torch.randn(())


net = nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
window = []
for k, (x, y) in enumerate(stream(8000)):
    loss = (net(x).squeeze() - y) ** 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    window.append(loss.item())
    if (k + 1) % 1000 == 0:
        print(k + 1, sum(window) / len(window))
        window.clear()
test = list(stream(1000))
xt, yt = torch.stack([a for a, _ in test]), torch.stack([b for _, b in test])
with torch.no_grad():
    r2 = 1 - (net(xt).squeeze(1) - yt).square().mean() / yt.var()
print(f"final_metric={r2.item():.4f}")
