import os
import torch
from torch import nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Net(nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.hidden1 = nn.Linear(n_in, n_hidden)
        self.hidden2 = nn.Linear(n_hidden, n_hidden)
        self.output = nn.Linear(n_hidden, n_out)
        self.act = nn.LeakyReLU()

    def forward(self, x):
        x = self.act(self.hidden1(x))
        x = self.act(self.hidden2(x))
        return self.output(x)


# XOR-like checker of four moons
X, y = make_moons(2400, noise=0.1, random_state=seed)
X = (X - X[:1800].mean(0)) / X[:1800].std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
y = y ^ (X[:, 0] > 0).long()
net = Net(2, 40, 2)
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for idx in torch.randperm(1800).split(45):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(X[idx]), y[idx])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={(net(X[1800:]).argmax(1) == y[1800:]).float().mean().item():.4f}")
