import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
a, b, ya, yb = train_test_split(X / 8 - 1, y, test_size=0.25, random_state=seed, stratify=y)
train = DataLoader(TensorDataset(torch.tensor(a).float(), torch.tensor(ya)), batch_size=48, shuffle=True)
valid = DataLoader(TensorDataset(torch.tensor(b).float(), torch.tensor(yb)), batch_size=225)


def layer(i, o):
    return [nn.Linear(i, o), nn.BatchNorm1d(o), nn.ReLU()]


class Net(nn.Module):
    def __init__(self, d=40, depth=7):
        super().__init__()
        parts = layer(64, d)
        for _ in range(depth):
            parts += layer(d, d)
        self.body = nn.Sequential(*parts)
        self.head = nn.Linear(d, 10)

    def forward(self, x):
        return self.head(self.body(x))


def evaluate(model):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == t).sum().item() for x, t in valid) / len(yb)


def train_one_epoch(model, opt):
    total = 0.0
    for x, t in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), t)
        loss.backward()
        opt.step()
        total += loss.item()
    return total / len(train)


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
print("before training", evaluate(net))
for epoch in range(9):
    loss = train_one_epoch(net, opt)
    acc = evaluate(net)
    print(f"{epoch} loss {loss:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
