import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
b = load_digits()
imgs = torch.tensor(b.images, dtype=torch.float32)[:, None]
imgs = (imgs - imgs.mean()) / imgs.std()
lab = torch.tensor(b.target)
order = torch.randperm(len(imgs))
imgs, lab = imgs[order], lab[order]
trainloader = DataLoader(TensorDataset(imgs[:1400], lab[:1400]), batch_size=32, shuffle=True)
testset = (imgs[1400:], lab[1400:])


class LeNetish(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc1 = nn.Linear(24 * 4, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


net = LeNetish()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=1e-1)
for epoch in range(6):
    train_loss, correct, total = 0.0, 0, 0
    for inputs, targets in trainloader:
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        train_loss += loss.item()
        correct += (outputs.argmax(1) == targets).sum().item()
        total += len(targets)
    with torch.no_grad():
        acc = (net(testset[0]).argmax(1) == testset[1]).float().mean().item()
    print(f"Epoch {epoch} | Loss: {train_loss / len(trainloader):.3f} | Acc: {100 * correct / total:.2f}% | Test: {100 * acc:.2f}%")
print(f"final_metric={acc:.4f}")
