import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.RandomState(SEED)


def load_data(n, length=64):
    """accelerometer + gyroscope windows of six activities"""
    label = rng.randint(0, 6, n)
    t = np.arange(length) / length
    x = np.zeros((n, 9, length))
    for i, c in enumerate(label):
        freq = [2, 3, 4, 0, 0, 0][c] + rng.normal(0, .3)
        phase = rng.uniform(0, 2 * np.pi)
        for ch in range(9):
            x[i, ch] = np.sin(2 * np.pi * freq * t + phase + ch) * (c < 3) * (.6 + .1 * ch) + [0, .3, -.3, .8, -.8, 0][c] * (ch % 3 == c % 3)
    x += rng.normal(0, .6, x.shape)
    return torch.tensor(x).float().unsqueeze(2), torch.tensor(label)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(9, 32, (1, 9)), nn.ReLU(), nn.MaxPool2d((1, 2), stride=2))
        self.conv2 = nn.Sequential(nn.Conv2d(32, 32, (1, 9)), nn.ReLU(), nn.MaxPool2d((1, 2), stride=2))
        self.fc1 = nn.Sequential(nn.Linear(32 * 10, 100), nn.ReLU())
        self.fc2 = nn.Sequential(nn.Linear(100, 50), nn.ReLU())
        self.fc3 = nn.Linear(50, 6)

    def forward(self, x):
        out = self.conv2(self.conv1(x))
        out = out.reshape(-1, 32 * 10)
        out = self.fc3(self.fc2(self.fc1(out)))
        return out


x, y = load_data(1600)
xt, yt = load_data(600)
train_loader = DataLoader(TensorDataset(x, y), batch_size=64, shuffle=True)
model = Network()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
criterion = nn.CrossEntropyLoss()

for e in range(10):
    model.train()
    correct, total_loss = 0, 0
    for sample, target in train_loader:
        output = model(sample)
        loss = criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
        correct += (output.argmax(1) == target).sum().item()
    print(f"Epoch [{e + 1}] loss {total_loss / len(train_loader):.4f} acc {100 * correct / len(x):.2f}%")
model.eval()
with torch.no_grad():
    acc = (model(xt).argmax(1) == yt).float().mean().item()
print(f"final_metric={acc:.4f}")
