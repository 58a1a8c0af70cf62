import os
import torch
from torch import nn, optim
from sklearn.datasets import make_gaussian_quantiles

seed = int(os.environ.get("SEED", 3))
torch.manual_seed(seed)
X, y = make_gaussian_quantiles(n_samples=1600, n_features=2, n_classes=3, random_state=seed)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
Xtr, ytr, Xte, yte = X[:1200], y[:1200], X[1200:], y[1200:]


def weights_init(m):
    if isinstance(m, nn.Linear):
        m.weight.data.fill_(1.0 / m.in_features)
        m.bias.data.zero_()


class Classifier(nn.Module):
    def __init__(self):
        super(Classifier, self).__init__()
        self.fc1 = nn.Linear(2, 32)
        self.fc2 = nn.Linear(32, 32)
        self.fc3 = nn.Linear(32, 3)
        self.act = nn.Tanh()

    def forward(self, x):
        x = self.act(self.fc1(x))
        x = self.act(self.fc2(x))
        return self.fc3(x)


net = Classifier()
net.apply(weights_init)
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(30):
    perm = torch.randperm(1200)
    for i in range(0, 1200, 40):
        idx = perm[i:i + 40]
        optimizer.zero_grad()
        loss = criterion(net(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", round(loss.item(), 4))
with torch.no_grad():
    acc = (net(Xte).argmax(1) == yte).float().mean().item()
print("test accuracy", acc)
print(f"final_metric={acc:.4f}")
