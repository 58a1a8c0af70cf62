import os
import torch
import torch.nn as nn
import torch.optim as optim
from torch.optim.lr_scheduler import ExponentialLR
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
x = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
y = torch.tensor(digits.target)
p = torch.randperm(len(y))
train_loader = DataLoader(TensorDataset(x[p[:1400]], y[p[:1400]]), batch_size=32, shuffle=True)
test_loader = DataLoader(TensorDataset(x[p[1400:]], y[p[1400:]]), batch_size=200)

model = nn.Sequential(
    nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(),
    nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
    nn.Flatten(), nn.Linear(128, 10),
)
optimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = ExponentialLR(optimizer, gamma=0.8)
criterion = nn.CrossEntropyLoss()

for epoch in range(8):
    model.train()
    for data, target in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(data), target)
        loss.backward()
        optimizer.step()
        scheduler.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for data, target in test_loader:
            correct += (model(data).argmax(1) == target).sum().item()
    print("epoch", epoch, "loss", loss.item(), "correct", correct)
print(f"final_metric={correct / 397:.4f}")
