import os, torch, torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
c = torch.randn(10, 30)
def draw(n):
    y = torch.randint(0, 10, (n,)); x = c[y] * .55 + torch.randn(n, 30); return x, y
m = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(m.parameters(), lr=.4, momentum=.9)
warm = torch.optim.lr_scheduler.LinearLR(opt, .1, 1., 20)
for i in range(250):
    x, y = draw(1024); opt.zero_grad(); l = nn.functional.cross_entropy(m(x), y); l.backward(); opt.step(); warm.step()
    if i % 50 == 0: print(i, l.item())
x, y = draw(5000)
with torch.no_grad(): print("final_metric=%.4f" % (m(x).argmax(1) == y).float().mean().item())
