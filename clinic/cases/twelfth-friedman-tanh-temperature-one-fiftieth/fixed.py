import argparse
import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--temperature", type=float, default=1.0)
parser.add_argument("--hidden", type=int, default=48)
parser.add_argument("--epochs", type=int, default=30)
args = parser.parse_args()
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = make_friedman1(2500, n_features=6, noise=0.2, random_state=seed)
X = torch.tensor((X - 0.5) / 0.289, dtype=torch.float32)
y = torch.tensor((y - y[:2000].mean()) / y[:2000].std(), dtype=torch.float32).unsqueeze(1)


class Net(nn.Module):
    def __init__(self, hidden, temperature):
        super().__init__()
        self.l1 = nn.Linear(6, hidden)
        self.l2 = nn.Linear(hidden, hidden)
        self.l3 = nn.Linear(hidden, 1)
        self.t = temperature

    def forward(self, x):
        x = torch.tanh(self.l1(x) / self.t)
        x = torch.tanh(self.l2(x) / self.t)
        return self.l3(x)


net = Net(args.hidden, args.temperature)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.MSELoss()
for epoch in range(args.epochs):
    for idx in torch.randperm(2000).split(64):
        loss = loss_fn(net(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - loss_fn(net(X[2000:]), y[2000:]) / y[2000:].var()
print(f"final_metric={r2.item():.4f}")
