import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
ACCUM = 4
d = load_digits()
X = torch.tensor(d.data / 16.0 - 0.3, dtype=torch.float32) * 2
y = torch.tensor(d.target)
p = torch.randperm(len(X))
train_loader = DataLoader(TensorDataset(X[p[:1408]], y[p[:1408]]), batch_size=16, shuffle=True)
Xv, yv = X[p[1408:]], y[p[1408:]]

model = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(14):
    optimizer.zero_grad()
    for i, (inputs, labels) in enumerate(train_loader):
        loss = criterion(model(inputs), labels) / ACCUM
        loss.backward()
        if (i + 1) % ACCUM == 0:
            optimizer.step()
            optimizer.zero_grad()
    with torch.no_grad():
        acc = (model(Xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch}: {acc:.4f}")
print(f"final_metric={acc:.4f}")
