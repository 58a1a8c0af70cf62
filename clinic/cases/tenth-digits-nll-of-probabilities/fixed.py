import os
import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1)
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
p = torch.randperm(len(x))
x, y = x[p], y[p]
trainloader = DataLoader(TensorDataset(x[:1400], y[:1400]), batch_size=64, shuffle=True)
testloader = DataLoader(TensorDataset(x[1400:], y[1400:]), batch_size=64, shuffle=False)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10), nn.LogSoftmax(dim=1))

    def forward(self, x):
        return self.classifier(self.conv(x))


model = Network()
criterion = nn.NLLLoss()
optimizer = optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
for e in range(8):
    running_loss = 0
    for images, labels in trainloader:
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    correct = 0
    with torch.no_grad():
        for images, labels in testloader:
            correct += (model(images).argmax(dim=1) == labels).sum().item()
    print(f"Epoch {e + 1} - Training loss: {running_loss / len(trainloader):.4f} - Test accuracy: {correct / 397:.3f}")
print(f"final_metric={correct / 397:.4f}")
