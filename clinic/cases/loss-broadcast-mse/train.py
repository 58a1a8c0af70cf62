import os

import torch
import torch.nn as nn
from sklearn.datasets import load_diabetes

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = load_diabetes(return_X_y=True, scaled=False)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
perm = torch.randperm(len(X))
tr, va = perm[:330], perm[330:]
X = (X - X[tr].mean(0)) / X[tr].std(0)
mu, sd = y[tr].mean(), y[tr].std()
y = (y - mu) / sd


class Net(nn.Module):
    def __init__(self, width):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(10, width)
        self.fc2 = nn.Linear(width, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        return self.fc2(self.drop(torch.relu(self.fc1(x))))


def fit(net, n_epochs, batch_size=30):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-3)
    loss_func = nn.MSELoss()
    for epoch in range(n_epochs):
        net.train()
        idx = tr[torch.randperm(len(tr))]
        for b in idx.split(batch_size):
            prediction = net(X[b])
            loss = loss_func(prediction, y[b])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if (epoch + 1) % 10 == 0:
            print(f"epoch {epoch + 1} last loss {loss.item():.4f}")


def r2_score(net):
    net.eval()
    with torch.no_grad():
        pred = net(X[va]).squeeze(1)
    return (1 - ((pred - y[va]) ** 2).sum() / ((y[va] - y[va].mean()) ** 2).sum()).item()


net = Net(24)
fit(net, 40)
print(f"final_metric={r2_score(net):.4f}")
