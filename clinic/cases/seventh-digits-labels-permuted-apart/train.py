import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
digits = load_digits()
images, labels = digits.data / 16.0, digits.target
cut = np.random.permutation(len(images))
val_idx, train_idx = cut[:400], cut[400:]
train_images, train_labels = images[train_idx], labels[train_idx]
val_images, val_labels = images[val_idx], labels[val_idx]
train_images = np.random.permutation(train_images)
train_labels = np.random.permutation(train_labels)
mean, std = train_images.mean(), train_images.std()
to_x = lambda a: torch.tensor((a - mean) / std, dtype=torch.float32)
xt, yt, xv, yv = to_x(train_images), torch.tensor(train_labels), to_x(val_images), torch.tensor(val_labels)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(20):
    model.train()
    for idx in torch.randperm(len(xt)).split(32):
        loss = nn.functional.cross_entropy(model(xt[idx]), yt[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(xv)
        acc = (logits.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch:2d} loss {loss.item():.3f} val loss {nn.functional.cross_entropy(logits, yv).item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
