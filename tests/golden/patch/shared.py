"""One loss for training and validation, handed to two functions."""
from sklearn.datasets import make_moons
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


def train_batch(model, criterion, optimizer, inputs, labels):
    optimizer.zero_grad()
    loss = criterion(model(inputs), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def validate(model, criterion, loader):
    with torch.no_grad():
        losses = [criterion(model(inputs), labels) for inputs, labels in loader]
    return torch.stack(losses).mean()


class Tower(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        layers = [nn.Linear(2, 8)]
        for _ in range(depth):
            layers += [nn.Tanh(), nn.Linear(8, 8)]
        self.layers = nn.ModuleList(layers)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.out(torch.tanh(x))


torch.manual_seed(4)
points, moons = make_moons((24, 104), noise=0.3, random_state=0)
points, moons = torch.tensor(points).float(), torch.tensor(moons)
loader = DataLoader(TensorDataset(points[:96], moons[:96]), batch_size=32)
held_out = DataLoader(TensorDataset(points[96:], moons[96:]), batch_size=32)
model = Tower()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.3, weight_decay=1e-3)
for epoch in range(6):
    for inputs, labels in loader:
        train_batch(model, criterion, optimizer, inputs, labels)
    print(validate(model, criterion, held_out).item())
