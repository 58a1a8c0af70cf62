import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
data = load_digits()
X = torch.tensor(data.data, dtype=torch.float32)
Y = torch.tensor(data.target)
idx = torch.randperm(len(X))
tr, va = idx[:1400], idx[1400:]
X = (X - X[tr].mean(0)) / (X[tr].std(0) + .5)


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.normal_(m.weight, std=(2 / m.in_features) ** .5)
        nn.init.zeros_(m.bias)


class Classifier(nn.Module):
    def __init__(self, sizes=(64, 100, 100, 10)):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.apply(init_weights)

    def forward(self, x):
        for l in self.layers[:-1]:
            x = torch.relu(l(x))
        return self.layers[-1](x)


net = Classifier()
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=5e-4)
for epoch in range(10):
    net.train()
    for b in tr[torch.randperm(len(tr))].split(32):
        loss = nn.functional.cross_entropy(net(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(X[va])
    acc = (o.argmax(1) == Y[va]).float().mean().item()
    print(epoch, round(loss.item(), 4), round(nn.functional.cross_entropy(o, Y[va]).item(), 4), acc)
print(f'final_metric={acc:.4f}')
