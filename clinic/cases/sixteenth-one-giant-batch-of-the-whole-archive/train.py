import os
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader, random_split

gen = torch.Generator().manual_seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(6000, 2) * 4 - 2
y = ((x[:, 0] * 2).sin() * (x[:, 1] * 2).cos() > 0.1).long()
full = TensorDataset(x, y)
train_set, val_set = random_split(full, [5000, 1000], generator=gen)

batch_size = len(train_set)
epochs = 100
train_dl = DataLoader(train_set, batch_size=batch_size, shuffle=True)
val_dl = DataLoader(val_set, batch_size=1000)

model = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(epochs):
    for xb, yb in train_dl:
        loss = nn.functional.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % (epochs // 6) == 0 or epoch == epochs - 1:
        with torch.no_grad():
            for xb, yb in val_dl:
                acc = (model(xb).argmax(1) == yb).float().mean().item()
        print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
