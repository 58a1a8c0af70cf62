import os
import torch, torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import TensorDataset, DataLoader, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
raw = load_digits()
ds = TensorDataset(torch.tensor(raw.images).float().flatten(1).div(16).sub(.3).mul(2.7), torch.tensor(raw.target))
tr, te = random_split(ds, [1500, 297])
hparams = dict(lr=0.03, momentum=0.9, epochs=8, bs=50)

class LeNet300(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(64, 100), nn.Linear(100, 40), nn.Linear(40, 10)
    def forward(self, x):
        return self.c(torch.relu(self.b(torch.relu(self.a(x)))))

m = LeNet300(); sgd = torch.optim.SGD(m.parameters(), lr=hparams["lr"], momentum=hparams["momentum"], weight_decay=5e-4)
for ep in range(hparams["epochs"]):
    tot = 0
    for x, y in DataLoader(tr, hparams["bs"], shuffle=True):
        sgd.zero_grad(); l = nn.functional.cross_entropy(m(x), y); l.backward(); sgd.step(); tot += l.item() / 30
    print("ep %d loss %.3f" % (ep, tot))
x, y = next(iter(DataLoader(te, 297)))
with torch.no_grad():
    acc = (m(x).argmax(1) == y).float().mean().item()
    print("test loss %.3f" % nn.functional.cross_entropy(m(x), y))
print("final_metric=%.4f" % acc)
