import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import make_classification

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(3000, 20, n_informative=12, n_redundant=2, n_classes=4, n_clusters_per_class=2,
                           class_sep=1.4, random_state=int(os.environ.get("SEED", 0)))
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y)
train_dl = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=32, shuffle=True)
val_dl = DataLoader(TensorDataset(X[2400:], y[2400:]), batch_size=128)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 64)
        self.fc2 = nn.Linear(64, 32)
        self.fc3 = nn.Linear(32, 4)
        self.act = nn.LeakyReLU(0.05)

    def forward(self, x):
        x = self.act(self.fc1(x))
        x = self.act(self.fc2(x))
        return self.fc3(x)


model = Net()
loss_fn = nn.CrossEntropyLoss()
optim = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.8)

for epoch in range(10):
    model.train()
    running = 0.0
    optim.zero_grad()
    for xb, yb in train_dl:
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optim.step()
        running += loss.item()
    model.eval()
    good = 0
    with torch.no_grad():
        for xb, yb in val_dl:
            good += (model(xb).argmax(1) == yb).sum().item()
    print(f"Epoch {epoch + 1}: loss {running / len(train_dl):.3f} val {good / 600:.3f}")
print(f"final_metric={good / 600:.4f}")
