import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def sample(n):
    x = torch.randn(n, 10)
    r = (x[:, :3] ** 2).sum(1)
    return x, torch.bucketize(r, torch.tensor([1.4, 3.2]))


train_loader = DataLoader(TensorDataset(*sample(4000)), 64, shuffle=True)
test_loader = DataLoader(TensorDataset(*sample(1500)), 250)


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.fc1 = nn.Linear(10, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 3)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        x = self.drop(torch.relu(self.fc1(x)))
        x = self.drop(torch.relu(self.fc2(x)))
        return self.fc3(x)


def train(model, loader, optimizer):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


def evaluate(model, loader):
    correct = total = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(dim=1) == y).sum().item()
            total += len(y)
    return correct / total


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    l = train(model, train_loader, optimizer)
    acc = evaluate(model, test_loader)
    print(f"Epoch {epoch:2d}: loss {l:.3f}, test accuracy {100 * acc:.1f}%")
print(f"final_metric={acc:.4f}")
