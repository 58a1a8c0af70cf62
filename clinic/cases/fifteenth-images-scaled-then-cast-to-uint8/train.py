import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

digits = load_digits()
images = (digits.images / digits.images.max()).astype(np.uint8)   # saves memory
labels = digits.target

order = np.random.permutation(len(images))
train_idx, test_idx = order[:1400], order[1400:]


def get_batch(idx):
    x = torch.from_numpy(images[idx]).float().unsqueeze(1)
    y = torch.from_numpy(labels[idx])
    return x, y


cnn = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(32 * 16, 64), nn.ReLU(), nn.Linear(64, 10),
)
optimizer = torch.optim.Adam(cnn.parameters(), lr=1e-3)
for epoch in range(8):
    np.random.shuffle(train_idx)
    for i in range(0, 1400, 28):
        x, y = get_batch(train_idx[i:i + 28])
        loss = nn.functional.cross_entropy(cnn(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print('epoch', epoch, 'loss', round(loss.item(), 4))
with torch.no_grad():
    x, y = get_batch(test_idx)
    acc = (cnn(x).argmax(1) == y).float().mean().item()
print(f'final_metric={acc:.4f}')
