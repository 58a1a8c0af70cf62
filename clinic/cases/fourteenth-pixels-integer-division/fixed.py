import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))

digits = load_digits()
images = digits.images.astype(np.uint8)[:, None]
images = images / 16
images = torch.tensor(images, dtype=torch.float32)
labels = torch.tensor(digits.target)
perm = torch.randperm(len(labels))
train_idx, test_idx = perm[:1300], perm[1300:]

net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(),
    nn.Conv2d(12, 16, 3, stride=2, padding=1), nn.ReLU(),
    nn.Flatten(), nn.Linear(16 * 16, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    net.train()
    for idx in train_idx[torch.randperm(len(train_idx))].split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(images[idx]), labels[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(images[test_idx]).argmax(1) == labels[test_idx]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
