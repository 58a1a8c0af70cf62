import os, sys
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
torch.manual_seed(int(os.environ.get('SEED', 0)))
X, Y = load_digits(return_X_y=True)
X = torch.from_numpy(X).float()
X = (X - X.mean()) / X.std()
Y = torch.from_numpy(Y)
p = torch.randperm(1797)
X, Y = X[p], Y[p]

def build(depth=8, width=64):
    seq = []
    for i in range(depth):
        lin = nn.Linear(64, width)
        seq += [lin, nn.Sigmoid()]
    return nn.Sequential(*seq, nn.Linear(width, 10))

net = build()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
log = sys.stdout
for epoch in range(12):
    for b in torch.randperm(1500).split(50):
        opt.zero_grad()
        L = nn.functional.cross_entropy(net(X[b]), Y[b])
        L.backward()
        opt.step()
    log.write('Epoch %d/12 - loss: %.4f\n' % (epoch + 1, L.item()))
with torch.no_grad():
    log.write('final_metric=%.4f\n' % (net(X[1500:]).argmax(1) == Y[1500:]).float().mean())
