import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from torch.utils.data import DataLoader, Subset, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
table = load_breast_cancer()
features = torch.tensor(table.data, dtype=torch.float32)
fit_rows, val_rows = random_split(range(len(features)), [429, 140])
features = (features - features[fit_rows.indices].mean(0)) / features[fit_rows.indices].std(0)
full = TensorDataset(features, torch.tensor(table.target))
train_part, val_part = Subset(full, fit_rows.indices), Subset(full, val_rows.indices)

train_loader = DataLoader(full, batch_size=32, shuffle=True)
val_loader = DataLoader(val_part, batch_size=140)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(30, 16)
        self.drop = nn.Dropout(0.3)
        self.fc2 = nn.Linear(16, 2)

    def forward(self, x):
        return self.fc2(self.drop(torch.relu(self.fc1(x))))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-3)
for epoch in range(20):
    net.train()
    running = 0.0
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    net.eval()
    with torch.no_grad():
        acc = sum((net(xb).argmax(1) == yb).float().sum().item() for xb, yb in val_loader) / len(val_part)
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {running / len(train_loader):.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
