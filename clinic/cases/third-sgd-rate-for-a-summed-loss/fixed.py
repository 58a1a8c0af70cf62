import os
import numpy as np
import torch

np.random.seed(int(os.environ.get("SEED", 0))); torch.manual_seed(int(os.environ.get("SEED", 0)))
# step response of a plant: predict next state from (state, control)
def simulate(n):
    s = np.random.randn(n, 2).astype("float32"); u = np.random.randn(n, 1).astype("float32")
    nxt = np.stack([s[:, 0] + .3 * s[:, 1], .9 * s[:, 1] - .5 * np.sin(s[:, 0]) + .4 * u[:, 0]], 1)
    return torch.from_numpy(np.concatenate([s, u], 1)), torch.from_numpy(nxt.astype("float32"))
x, y = simulate(3000); xv, yv = simulate(800)
net = torch.nn.Sequential(torch.nn.Linear(3, 40), torch.nn.Softplus(), torch.nn.Linear(40, 2))
LR = 0.1
opt = torch.optim.SGD(net.parameters(), lr=LR, momentum=.5)
for sweep in range(20):
    for j in torch.randperm(3000).split(50):
        e = net(x[j]) - y[j]
        cost = e.pow(2).mean()
        opt.zero_grad(); cost.backward(); opt.step()
    if sweep % 4 == 0: print("sweep", sweep, "cost", cost.item())
with torch.no_grad():
    print("final_metric=%.4f" % (1 - (net(xv) - yv).pow(2).mean() / yv.var()))
