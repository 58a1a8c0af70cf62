import os
import torch
from torch import nn, optim
from sklearn.datasets import load_diabetes

torch.manual_seed(int(os.environ.get("SEED", 0)))
seed = int(os.environ.get("SEED", 0))

class Net(nn.Module):
    def __init__(self, hidden):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(10, hidden)
        self.fc2 = nn.Linear(hidden, 1)
        self.act = nn.ReLU()
        self.last = nn.Sigmoid()

    def forward(self, x):
        return self.last(self.fc2(self.act(self.fc1(x))))

bunch = load_diabetes()
X = torch.tensor(bunch.data * 21.0).float()
T = torch.tensor(bunch.target).float().view(-1, 1)
T = (T - T.mean()) / T.std()
idx = torch.randperm(442)
tr, va = idx[:330], idx[330:]

net = Net(20)
opt = optim.Adam(net.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(30):
    for chunk in tr[torch.randperm(330)].split(33):
        opt.zero_grad()
        l = mse(net(X[chunk]), T[chunk])
        l.backward()
        opt.step()
    if epoch % 10 == 0:
        print("epoch: %d, loss: %.3f" % (epoch, l.item()))
with torch.no_grad():
    res = 1 - mse(net(X[va]), T[va]) / T[va].var()
print("final_metric=%.4f" % res.item())
