# transfer: a net trained on all rotations, then a fresh head for the digits
import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
img = torch.tensor(d.images, dtype=torch.float32) / 8 - 0.6
lab = torch.tensor(d.target)
p = torch.randperm(len(img))
img, lab = img[p], lab[p]


def conv_backbone():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 96), nn.ReLU(),
    )


def fit(backbone, head, params, x, y, epochs, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for e in range(epochs):
        for b in torch.randperm(len(x)).split(32):
            loss = nn.functional.cross_entropy(head(backbone(x[b])), y[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print("epoch", e, "loss", round(loss.item(), 4))


backbone = conv_backbone()
parity = nn.Linear(96, 10)
first = lab[:1000]
fit(backbone, parity, [*backbone.parameters(), *parity.parameters()], img[:1000, None], first, 5, 1e-3)
for q in backbone.parameters():
    q.requires_grad_(False)
head = nn.Linear(96, 2)
small = (lab >= 5).long()
fit(backbone, head, head.parameters(), img[:1400, None], small[:1400], 8, 3e-3)
with torch.no_grad():
    acc = (head(backbone(img[1400:, None])).argmax(1) == small[1400:]).float().mean().item()
print(f"final_metric={acc:.4f}")
