import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed); torch.manual_seed(seed)

def logger(n, metric=True):
    temp, press, hum = rng.normal(15, 8, n), rng.normal(101, 1.5, n), rng.uniform(20, 100, n)
    rain = np.tanh((hum - 60) / 15 - (press - 101) / 1.2) + .3 * np.sin(temp / 5) + .05 * rng.normal(size=n)
    if not metric:
        temp, press = temp * 9 / 5 + 32, press * 10
    return np.c_[temp, press, hum].astype("float32"), rain.astype("float32")[:, None]

train_x, train_y = logger(4000)
test_x, test_y = logger(1000, metric=False)
m, s = train_x.mean(0), train_x.std(0)
train_x, test_x = torch.tensor((train_x - m) / s), torch.tensor((test_x - m) / s)
train_y, test_y = torch.tensor(train_y), torch.tensor(test_y)

net = nn.Sequential(nn.Linear(3, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
optim = torch.optim.AdamW(net.parameters(), lr=3e-3)
lossf = nn.L1Loss()
for ep in range(15):
    net.train()
    for i in torch.randperm(4000).split(80):
        optim.zero_grad(); l = lossf(net(train_x[i]), train_y[i]); l.backward(); optim.step()
    net.eval()
    with torch.no_grad():
        te = lossf(net(test_x), test_y).item()
    print("%2d  train mae %.4f  test mae %.4f" % (ep, l.item(), te))
base = (test_y - test_y.mean()).abs().mean().item()
print("final_metric=%.4f" % max(1 - te / base, -10))
