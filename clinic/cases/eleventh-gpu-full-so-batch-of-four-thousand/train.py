import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
device = "cuda" if torch.cuda.is_available() else "cpu"

# ---------------------------------------------------------------- data
n = 5000
x = torch.rand(n, 2) * 2 - 1
y = ((torch.floor(x[:, 0] * 2) + torch.floor(x[:, 1] * 2)) % 2).long()
x = x / x.std(0)
train, val = random_split(TensorDataset(x, y), [4096, n - 4096])
train_loader = DataLoader(train, batch_size=4096, shuffle=True)
val_loader = DataLoader(val, batch_size=1024)

# ---------------------------------------------------------------- model
model = nn.Sequential(
    nn.Linear(2, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 2),
).to(device)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)


def train_one_epoch():
    model.train()
    for xb, yb in train_loader:
        xb, yb = xb.to(device), yb.to(device)
        loss = loss_fn(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


@torch.no_grad()
def validate():
    model.eval()
    correct = total = 0
    for xb, yb in val_loader:
        correct += (model(xb.to(device)).argmax(1).cpu() == yb).sum().item()
        total += len(yb)
    return correct / total


for epoch in range(15):
    tl = train_one_epoch()
    va = validate()
    print(f"Epoch {epoch + 1:02d}/15  train loss {tl:.4f}  val acc {va:.4f}")
print(f"final_metric={va:.4f}")
