import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1


class Trainer:
    """Small trainer: sum-reduced loss, rate chosen for it, gradients cleared after each update."""

    def __init__(self, net, lr=4e-4):
        self.net = net
        self.opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
        self.loss = nn.MSELoss(reduction="sum")

    def step(self, x, y):
        loss = self.loss(self.net(x), y)
        loss.backward()
        self.opt.step()
        self.opt.zero_grad()
        return loss.item()

    def run(self, x, y, epochs, batch):
        for epoch in range(epochs):
            total = sum(self.step(x[i], y[i]) for i in torch.randperm(len(x)).split(batch))
            print(epoch, total / len(x))


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(2500, n_features=5, noise=0.3, random_state=seed)
X = torch.tensor((X - X[:2000].mean(0)) / X[:2000].std(0)).float()
y = torch.tensor((y - y[:2000].mean()) / y[:2000].std()).float().unsqueeze(1)
net = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
Trainer(net).run(X[:2000], y[:2000], epochs=15, batch=40)
with torch.no_grad():
    r2 = 1 - ((net(X[2000:]) - y[2000:]) ** 2).mean() / y[2000:].var()
print(f"final_metric={r2.item():.4f}")
