import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

digits = load_digits()
images = digits.images / 16.0
X_train, X_val, y_train, y_val = train_test_split(images, digits.target, test_size=0.2, random_state=SEED)


def shift(batch, dx):
    return np.roll(batch, dx, axis=2)


X_aug = np.concatenate([X_train, shift(X_train, 1), shift(X_train, -1)])
y_aug = np.tile(y_train, 3)
print("augmented:", X_aug.shape, y_aug.shape)


def to_tensor(a):
    return torch.tensor((a - 0.3) / 0.37, dtype=torch.float32).unsqueeze(1)


train_loader = DataLoader(TensorDataset(to_tensor(X_aug), torch.tensor(y_aug)), batch_size=64, shuffle=True)
val_x, val_y = to_tensor(X_val), torch.tensor(y_val)


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


model = CNN()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(5):
    model.train()
    total = 0
    for xb, yb in train_loader:
        opt.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        out = model(val_x)
        vl, va = F.cross_entropy(out, val_y).item(), (out.argmax(1) == val_y).float().mean().item()
    print(f"epoch {epoch + 1} loss {total / len(train_loader):.4f} val_loss {vl:.4f} val_acc {va:.4f}")
print(f"final_metric={va:.4f}")
