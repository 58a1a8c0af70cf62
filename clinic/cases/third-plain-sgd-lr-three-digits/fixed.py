import os; import torch as th; import torch.nn as nn
from sklearn import datasets
th.manual_seed(int(os.environ.get("SEED", 0)))
D = datasets.load_digits()
x = th.tensor(D.data, dtype=th.float32); x = (x - x.mean(0)) / (x.std(0) + 1.); t = th.tensor(D.target)
r = th.randperm(len(x)); x, t = x[r], t[r]
f = nn.Sequential(nn.Linear(64, 50), nn.ELU(), nn.Linear(50, 50), nn.ELU(), nn.Linear(50, 10))
lr = 0.05
opt = th.optim.SGD(f.parameters(), lr, weight_decay=1e-4)
C = nn.CrossEntropyLoss()
for epoch in range(10):
    for i in range(0, 1440, 36):
        opt.zero_grad(); loss = C(f(x[i:i+36]), t[i:i+36]); loss.backward(); opt.step()
    with th.no_grad(): print(epoch, "train", loss.item(), "test", C(f(x[1440:]), t[1440:]).item())
with th.no_grad(): print("final_metric=%.4f" % (f(x[1440:]).argmax(1) == t[1440:]).float().mean().item())
