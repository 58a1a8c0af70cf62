import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - 4.88) / 6.02).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
tr, te = perm[:1300], perm[1300:]
train_loader = DataLoader(TensorDataset(X[tr], y[tr]), batch_size=32, shuffle=True)
valid_loader = DataLoader(TensorDataset(X[te], y[te]), batch_size=100)

model = nn.Sequential(
    nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(128, 10),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)


def run_epoch(loader, training):
    model.train(training)
    total, correct = 0.0, 0
    for xb, yb in loader:
        out = model(xb)
        loss = nn.functional.cross_entropy(out, yb)
        if training:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        total += loss.item() * len(yb)
        correct += (out.argmax(1) == yb).sum().item()
    return total / len(loader.dataset), correct / len(loader.dataset)


for epoch in range(12):
    train_loss, _ = run_epoch(train_loader, True)
    with torch.no_grad():
        valid_loss, acc = run_epoch(valid_loader, False)
    print(f"epoch {epoch} train {train_loss:.4f} valid {valid_loss:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
