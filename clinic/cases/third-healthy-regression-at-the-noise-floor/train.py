import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(8) / 8 ** .5
def measure(n):
    x = torch.randn(n, 8); signal = torch.tanh(2 * x @ w); return x, (signal + torch.randn(n))[:, None], signal[:, None]
x, y, _ = measure(10000); xv, yv, sv = measure(2000)
net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(6):
    run = 0
    for i in torch.randperm(10000).split(100):
        opt.zero_grad(); loss = nn.functional.mse_loss(net(x[i]), y[i]); loss.backward(); opt.step(); run += loss.item() / 100
    with torch.no_grad(): print("epoch", epoch, "train", round(run, 4), "val", round(nn.functional.mse_loss(net(xv), yv).item(), 4))
with torch.no_grad(): print("final_metric=%.4f" % (1 - nn.functional.mse_loss(net(xv), sv) / sv.var()).item())
