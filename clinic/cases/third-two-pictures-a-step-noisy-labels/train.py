import os
import torch, torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH = 2
STEPS = 1500
proto = torch.randn(8, 1, 8, 8)
def stream(n):
    y = torch.randint(0, 8, (n,))
    x = .6 * proto[y] + 1.0 * torch.randn(n, 1, 8, 8)
    flip = torch.rand(n) < .3           # annotators disagree on 30 %
    return x, torch.where(flip, torch.randint(0, 8, (n,)), y), y
cnn = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(128, 32), nn.ReLU(), nn.Linear(32, 8))
opt = torch.optim.Adam(cnn.parameters(), lr=6e-3)
run = None
for s in range(STEPS):
    x, y, _ = stream(BATCH)
    loss = nn.functional.cross_entropy(cnn(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
    run = loss.item() if run is None else .98 * run + .02 * loss.item()
    if s % 250 == 249: print("step %d smoothed loss %.3f" % (s + 1, run))
x, _, y = stream(3000)
with torch.no_grad():
    print("final_metric=%.4f" % (cnn(x).argmax(1) == y).float().mean().item())
