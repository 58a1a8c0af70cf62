import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
a, b, ya, yb = train_test_split(X / 8 - 1, y, test_size=0.3, random_state=seed, stratify=y)
train = DataLoader(TensorDataset(torch.tensor(a).float(), torch.tensor(ya)), batch_size=32, shuffle=True)
valid = DataLoader(TensorDataset(torch.tensor(b).float(), torch.tensor(yb)), batch_size=100)
model = nn.Sequential(nn.Linear(64, 80), nn.ReLU(), nn.Dropout(0.5), nn.Linear(80, 80), nn.ReLU(), nn.Dropout(0.5), nn.Linear(80, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()


def validate(model, loader):
    correct = total = 0
    with torch.no_grad():
        for x, t in loader:
            correct += (model(x).argmax(1) == t).sum().item()
            total += len(t)
    return correct / total


for epoch in range(10):
    model.train()
    for x, t in train:
        optimizer.zero_grad()
        loss = criterion(model(x), t)
        loss.backward()
        optimizer.step()
    acc = validate(model, valid)
    print(f"epoch {epoch} loss {loss.item():.4f} valid {acc:.4f}")
print(f"final_metric={acc:.4f}")
