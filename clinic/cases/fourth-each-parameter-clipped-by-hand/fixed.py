import os
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
MAX_NORM = 1.0


def clip_each(parameters):
    for p in parameters:
        size = p.grad.norm()
        if size > MAX_NORM:
            p.grad.mul_(MAX_NORM / size)


names = ["pel", "dor", "mik", "sat", "lun"]


def words(n):
    """Two syllables of one of five made-up languages, 26 letters, one-hot."""
    lang = torch.randint(5, (n,))
    rows = []
    for k in lang.tolist():
        word = [ord(c) - 97 for c in names[k]] * 2
        noise = torch.rand(6) < 0.35
        rows.append([torch.randint(26, (1,)).item() if bad else c for c, bad in zip(word, noise)])
    return F.one_hot(torch.tensor(rows), 26).float().flatten(1), lang


x, y = words(1500)
xt, yt = words(500)
model = nn.Sequential(nn.Linear(156, 64), nn.LeakyReLU(0.1), nn.Linear(64, 64), nn.LeakyReLU(0.1), nn.Linear(64, 5))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    for idx in torch.randperm(1500).split(50):
        loss = F.cross_entropy(model(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        clip_each(model.parameters())
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (model(xt).argmax(1) == yt).float().mean().item())
