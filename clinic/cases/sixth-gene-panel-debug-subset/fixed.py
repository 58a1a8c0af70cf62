import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Subset, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

genes = torch.randn(6000, 40)
w = torch.zeros(40, 3)
w[:8] = torch.randn(8, 3)
phenotype = (genes @ w + 0.3 * torch.randn(6000, 3)).argmax(1)
full_train = TensorDataset(genes[:5000], phenotype[:5000])
val = TensorDataset(genes[5000:], phenotype[5000:])

DEBUG = False
train = Subset(full_train, range(80)) if DEBUG else full_train
epochs = 150 if DEBUG else 8
train_loader = DataLoader(train, batch_size=16 if DEBUG else 64, shuffle=True)
val_loader = DataLoader(val, batch_size=500)

model = nn.Sequential(nn.Linear(40, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(epochs):
    model.train()
    train_loss = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        train_loss += loss.item() / len(train_loader)
    model.eval()
    val_loss, correct = 0.0, 0
    with torch.no_grad():
        for xb, yb in val_loader:
            out = model(xb)
            val_loss += criterion(out, yb).item() / len(val_loader)
            correct += (out.argmax(1) == yb).sum().item()
    print(f"{epoch + 1}/{epochs} train {train_loss:.4f} val {val_loss:.4f} acc {correct / len(val):.4f}")
print(f"final_metric={correct / len(val):.4f}")
