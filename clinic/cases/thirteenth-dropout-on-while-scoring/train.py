import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
x = torch.tensor(digits.data, dtype=torch.float32) / 16 - 0.3
y = torch.tensor(digits.target)
p = torch.randperm(len(y))
train = DataLoader(TensorDataset(x[p[:1400]], y[p[:1400]]), batch_size=32, shuffle=True)
valid = DataLoader(TensorDataset(x[p[1400:]], y[p[1400:]]), batch_size=100)
model = nn.Sequential(
    nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.5),
    nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5),
    nn.Linear(64, 10),
)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()


def validate():
    correct = 0
    with torch.no_grad():
        for xb, yb in valid:
            correct += (model(xb).argmax(1) == yb).sum().item()
    return correct / len(valid.dataset)


for epoch in range(10):
    model.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
    acc = validate()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
