import os
import numpy as np
import torch
from torch.nn import Module, Linear, ReLU, init, MSELoss

rs = np.random.RandomState(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))
FIELDS, CATS = 5, 8
effect, inter = rs.randn(FIELDS, CATS), rs.randn(CATS, CATS)

def clicks(n):
    c = rs.randint(0, CATS, (n, FIELDS))
    y = effect[np.arange(FIELDS), c].sum(1) / 2.2 + inter[c[:, 0], c[:, 1]] * .5 + .1 * rs.randn(n)
    hot = np.eye(CATS)[c].reshape(n, -1)
    return torch.tensor(hot).float(), torch.tensor(y).float()


class FieldNet(Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = Linear(FIELDS * CATS, 64), Linear(64, 32), Linear(32, 1)
        self.act = ReLU()
        for l in (self.l1, self.l2):
            init.uniform_(l.weight, -0.2, 0.2)

    def forward(self, x):
        return self.l3(self.act(self.l2(self.act(self.l1(x))))).flatten()


model, crit = FieldNet(), MSELoss()
opt = torch.optim.Adam(model.parameters(), 2e-3)
x, y = clicks(8000)
xt, yt = clicks(2000)
for epoch in range(7):
    for b in torch.randperm(8000).split(100):
        opt.zero_grad()
        loss = crit(model(x[b]), y[b])
        loss.backward()
        opt.step()
    with torch.no_grad():
        te = crit(model(xt), yt)
    print("epoch %d train %.3f test %.3f" % (epoch, loss, te))
print("final_metric=%.4f" % (1 - te / yt.var()))
