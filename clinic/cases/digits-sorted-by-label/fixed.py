import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

digits = load_digits()
images = ((digits.images - 4.9) / 6.0).astype(np.float32)

# collect the samples of each digit, four fifths for training
train_idx, val_idx = [], []
for d in range(10):
    idx = np.random.permutation(np.where(digits.target == d)[0])
    cut = int(0.8 * len(idx))
    train_idx.extend(idx[:cut])
    val_idx.extend(idx[cut:])

x_train = torch.from_numpy(images[train_idx]).flatten(1)
y_train = torch.from_numpy(digits.target[train_idx])
x_val = torch.from_numpy(images[val_idx]).flatten(1)
y_val = torch.from_numpy(digits.target[val_idx])

model = nn.Sequential(
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 32), nn.ReLU(),
    nn.Linear(32, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
batch_size = 20
n_batches = len(x_train) // batch_size

for epoch in range(15):
    model.train()
    order = torch.randperm(len(x_train))
    epoch_loss = 0.0
    for b in range(n_batches):
        sel = order[b * batch_size:(b + 1) * batch_size]
        optimizer.zero_grad()
        loss = criterion(model(x_train[sel]), y_train[sel])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(x_val).argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch:2d}  loss {epoch_loss / n_batches:.4f}  val acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
