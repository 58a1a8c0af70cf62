import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))

batch_size = 64
learning_rate = 0.1
num_epochs = 8

bunch = load_digits()
x = torch.tensor(bunch.images, dtype=torch.float32).unsqueeze(1) / 16
x = (x - 0.305) / 0.376
full = TensorDataset(x, torch.tensor(bunch.target))
train_ds, val_ds = random_split(full, [1437, 360])
train_dl = DataLoader(train_ds, batch_size, shuffle=True)
val_dl = DataLoader(val_ds, 180)


class DigitModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(1, 16, kernel_size=3, padding=1), nn.ReLU(),
            nn.Conv2d(16, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Flatten(), nn.Linear(16 * 16, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, xb):
        return self.network(xb)


def accuracy(outputs, labels):
    return (outputs.argmax(1) == labels).float().mean().item()


model = DigitModel()
optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
loss_func = nn.CrossEntropyLoss()
for epoch in range(num_epochs):
    model.train()
    for images, labels in train_dl:
        loss = loss_func(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val = sum(accuracy(model(a), b) for a, b in val_dl) / len(val_dl)
    print(f"Epoch [{epoch}], train_loss: {loss.item():.4f}, val_acc: {val:.4f}")
print(f"final_metric={val:.4f}")
