import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1)
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
train_set, test_set = random_split(TensorDataset(x, y), [1400, len(y) - 1400])
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
test_loader = DataLoader(test_set, batch_size=256)

net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(64, 10),
)
LEARNING_RATE = 1.5
optimizer = torch.optim.SGD(net.parameters(), lr=LEARNING_RATE)
criterion = nn.CrossEntropyLoss()


def train():
    net.train()
    total = 0
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(inputs), targets)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(train_loader)


def test():
    net.eval()
    correct = 0
    with torch.no_grad():
        for inputs, targets in test_loader:
            correct += (net(inputs).argmax(1) == targets).sum().item()
    return correct / len(test_set)


for epoch in range(8):
    loss = train()
    acc = test()
    print(f"epoch {epoch}: loss {loss:.3f}, accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
