import os
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(digits.target)
p = torch.randperm(len(x))
x, y = (x[p] - 4.88) / 6.0, y[p]
train_loader = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=28, shuffle=True)
test_x, test_y = x[1400:], y[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(24 * 4, 10)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc(self.drop(x.flatten(1)))


model = Net()
optimizer = optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
scheduler = StepLR(optimizer, step_size=5, gamma=0.3)


def train():
    model.train()
    for data, target in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
    return loss.item()


def test():
    model.eval()
    with torch.no_grad():
        out = model(test_x)
    return nn.functional.cross_entropy(out, test_y).item(), (out.argmax(1) == test_y).float().mean().item()


for epoch in range(1, 13):
    loss = train()
    tl, acc = test()
    scheduler.step()
    print(f"Epoch {epoch} train {loss:.3f} test {tl:.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
