import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Layer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fc = nn.Linear(d, d)
        nn.init.kaiming_normal_(self.fc.weight, nonlinearity="relu")
        nn.init.zeros_(self.fc.bias)
        self.norm = nn.LayerNorm(d)

    def forward(self, x):
        return torch.relu(self.norm(self.fc(x)))


class DeepNet(nn.Module):
    def __init__(self, d=48, depth=28):
        super().__init__()
        self.inp = nn.Linear(64, d)
        self.layers = nn.ModuleList([Layer(d) for _ in range(depth)])
        self.out = nn.Linear(d, 10)

    def forward(self, x):
        x = self.inp(x)
        for layer in self.layers:
            x = layer(x)
        return self.out(x)


d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6.0
y = torch.tensor(d.target)
order = torch.randperm(len(X))
X, y = X[order], y[order]
net = DeepNet()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for step in range(300):
    b = torch.randint(0, 1300, (64,))
    loss = nn.functional.cross_entropy(net(X[b]), y[b])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, round(loss.item(), 4))
net.eval()
with torch.no_grad():
    print("final_metric=%.4f" % (net(X[1300:]).argmax(1) == y[1300:]).float().mean())
