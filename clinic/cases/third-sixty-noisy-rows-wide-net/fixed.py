import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
N_TRAIN, EPOCHS = 6000, 4
coef = torch.randn(15) / 4
def survey(n):
    x = torch.randn(n, 15)
    return x, (x @ coef)[:, None] + .6 * torch.randn(n, 1)
x, y = survey(N_TRAIN); xv, yv = survey(1000)
net = nn.Sequential(nn.Linear(15, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-4)
for epoch in range(EPOCHS):
    net.train()
    for b in torch.randperm(N_TRAIN).split(20):
        opt.zero_grad(); l = nn.functional.mse_loss(net(x[b]), y[b]); l.backward(); opt.step()
    net.eval()
    with torch.no_grad():
        tr, va = nn.functional.mse_loss(net(x), y).item(), nn.functional.mse_loss(net(xv), yv).item()
    if epoch % max(1, EPOCHS // 10) == 0: print("epoch", epoch, "train", tr, "val", va)
print("final_metric=%.4f" % (1 - va / yv.var().item()))
