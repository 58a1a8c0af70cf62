import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
options = {'n_in': 64, 'n_hid': 16, 'n_layers': 4, 'act': 'Tanh', 'n_class': 10}

class SNLINet(nn.Module):
    def __init__(self, options):
        super(SNLINet, self).__init__()
        self.hids = []
        indim = options['n_in']
        for li in range(options['n_layers']):
            self.hids.append(nn.Sequential(
                nn.Linear(indim, options['n_hid']),
                eval('nn.{}'.format(options['act']))()
                ))
            indim = options['n_hid']
        self.classifier = nn.Linear(options['n_hid'], options['n_class'])

    def forward(self, x):
        for hid in self.hids:
            x = hid(x)
        return self.classifier(x)

data = load_digits()
x = torch.tensor((data.data - data.data.mean()) / data.data.std(), dtype=torch.float32)
y = torch.tensor(data.target)
perm = torch.randperm(len(y))
x, y = x[perm], y[perm]
net = SNLINet(options)
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
for eidx in range(15):
    cost = 0
    for b in torch.randperm(1400).split(32):
        optimizer.zero_grad()
        loss = criterion(net(x[b]), y[b])
        loss.backward()
        optimizer.step()
        cost += loss.item() / 44
    print('Epoch', eidx, 'Cost', round(cost, 4))
with torch.no_grad():
    print('final_metric=%.4f' % (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
