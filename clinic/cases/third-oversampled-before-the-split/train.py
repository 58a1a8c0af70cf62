import os
import copy
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
def patients(n):
    x = torch.randn(n, 20)
    y = ((x[:, 0] + x[:, 1] - x[:, 2] + 1.6 * torch.randn(n)) > 0).long()
    return x, y

x, y = patients(1200)
x_test, y_test = patients(4000)

def oversample(x, y, times=4):
    return x.repeat(times, 1), y.repeat(times)

x, y = oversample(x, y)
p = torch.randperm(len(x)); cut = int(.75 * len(x))
x_tr, y_tr, x_va, y_va = x[p[:cut]], y[p[:cut]], x[p[cut:]], y[p[cut:]]

model = nn.Sequential(nn.Linear(20, 96), nn.ReLU(), nn.Linear(96, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.Adam(model.parameters(), lr=3e-4)
best, keep, wait = 1e9, None, 0
for epoch in range(60):
    model.train()
    for b in torch.randperm(len(x_tr)).split(50):
        loss = nn.functional.cross_entropy(model(x_tr[b]), y_tr[b])
        opt.zero_grad(); loss.backward(); opt.step()
    model.eval()
    with torch.no_grad():
        v = nn.functional.cross_entropy(model(x_va), y_va).item()
    if v < best - 1e-4: best, keep, wait = v, copy.deepcopy(model.state_dict()), 0
    else: wait += 1
    print("epoch %d train %.3f val %.3f" % (epoch, loss.item(), v))
    if wait >= 1: break
model.load_state_dict(keep)
with torch.no_grad():
    nll = nn.functional.cross_entropy(model(x_test), y_test).item()
print("final_metric=%.4f" % -nll)
