import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# 16 standardised applicant features, 4 risk grades from two latent scores
g = torch.Generator().manual_seed(100 + seed)
X = torch.randn(4000, 16, generator=g)
W = torch.randn(16, 2, generator=g) / 4
s = X @ W
y = (s[:, 0] > 0).long() * 2 + (s[:, 1] > 0).long()

train_ds, val_ds = random_split(TensorDataset(X, y), [3200, 800], generator=g)
train_dl = DataLoader(train_ds, batch_size=64, shuffle=True)
val_dl = DataLoader(val_ds, batch_size=256)

layers = [nn.Linear(16, 48), nn.Tanh()]
for _ in range(6):
    layers += [nn.Linear(48, 48), nn.Tanh()]
layers += [nn.Linear(48, 4)]
model = nn.Sequential(*layers)
for m in model:
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        nn.init.zeros_(m.bias)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)

for epoch in range(10):
    model.train()
    running = 0.0
    for xb, yb in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(xb)
    model.eval()
    hits = 0
    with torch.no_grad():
        for xb, yb in val_dl:
            hits += (model(xb).argmax(1) == yb).sum().item()
    acc = hits / len(val_ds)
    print(f"epoch {epoch} loss {running / len(train_ds):.4f} val_acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
