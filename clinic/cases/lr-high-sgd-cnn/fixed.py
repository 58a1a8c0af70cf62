import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
images = (images - images.mean()) / images.std()
targets = torch.tensor(digits.target)
full = TensorDataset(images, targets)
train_set, val_set = random_split(full, [1437, 360])
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
val_loader = DataLoader(val_set, batch_size=180)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 24, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(24 * 4, 10)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        return self.fc(x.flatten(1))


net = ConvNet()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)

for epoch in range(12):
    net.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
    net.eval()
    right, vloss = 0, 0.0
    with torch.no_grad():
        for x, y in val_loader:
            out = net(x)
            vloss += criterion(out, y).item() / len(val_loader)
            right += (out.argmax(1) == y).sum().item()
    print(f"epoch {epoch:2d} train {loss.item():.3f} val {vloss:.3f} acc {right / len(val_set):.3f}")
print(f"final_metric={right / len(val_set):.4f}")
