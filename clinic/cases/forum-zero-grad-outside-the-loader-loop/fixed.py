import os, argparse
import torch, torch.nn as nn, torch.nn.functional as F
from sklearn.datasets import load_digits
parser = argparse.ArgumentParser()
parser.add_argument('--lr', type=float, default=0.02)
parser.add_argument('--epochs', type=int, default=12)
parser.add_argument('--mbs', type=int, default=16)
parser.add_argument('--seed', type=int, default=int(os.environ.get('SEED', 0)))
args = parser.parse_args()
torch.manual_seed(args.seed)

d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32) / 8 - 1
Y = torch.tensor(d.target)
perm = torch.randperm(len(Y)); X, Y = X[perm], Y[perm]

class ResMLP(nn.Module):
    def __init__(self, n=64):
        super().__init__()
        self.inp = nn.Linear(64, n)
        self.h1 = nn.Linear(n, n)
        self.h2 = nn.Linear(n, n)
        self.out = nn.Linear(n, 10)
    def forward(self, x):
        x = F.relu(self.inp(x))
        x = x + F.relu(self.h1(x))
        x = x + F.relu(self.h2(x))
        return self.out(x)

model = ResMLP()
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)

def train(epoch):
    model.train()
    total = 0
    for idx in torch.randperm(1300).split(args.mbs):
        out = model(X[idx])
        loss = F.cross_entropy(out, Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    print('epoch %d train loss %.4f' % (epoch, total / 1300))

def test():
    model.eval()
    with torch.no_grad():
        return (model(X[1300:]).argmax(1) == Y[1300:]).float().mean().item()

for epoch in range(args.epochs):
    train(epoch)
print('final_metric=%.4f' % test())
