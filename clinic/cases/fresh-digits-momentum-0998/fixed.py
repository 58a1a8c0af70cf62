import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
ds = TensorDataset((torch.tensor(d.data).float() - 5) / 6, torch.tensor(d.target))
train, val = random_split(ds, [1400, len(ds) - 1400])
loader = DataLoader(train, batch_size=50, shuffle=True)

model = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(14):
    s = 0
    for x, t in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), t)
        loss.backward()
        optimizer.step()
        s += loss.item()
    print(f"Epoch {epoch}: loss {s / len(loader):.3f}")
good = sum((model(x).argmax(1) == t).sum().item() for x, t in DataLoader(val, batch_size=100))
print(f"final_metric={good / len(val):.4f}")
