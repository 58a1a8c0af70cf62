# siamese network for "same digit?" -- contrastive loss by hand
import os
import random

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
random.seed(SEED)
d = load_digits()
imgs = torch.tensor(d.images, dtype=torch.float32).unsqueeze(1) / 8 - 1
labels = d.target.tolist()
by_class = {c: [i for i in range(1400) if labels[i] == c] for c in range(10)}


def sample_pair():
    a = random.randrange(1400)
    if random.random() < 0.5:
        return a, random.choice(by_class[labels[a]]), 1.0
    c = random.choice([k for k in range(10) if k != labels[a]])
    return a, random.choice(by_class[c]), 0.0


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(24 * 4, 16)

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def distance(u, v):
    return torch.sqrt(((u - v) ** 2).sum(dim=1) + 1e-8)


tower = Tower()
optimizer = torch.optim.Adam(tower.parameters(), lr=1e-3)
margin = 2.0
for step in range(700):
    trip = [sample_pair() for _ in range(48)]
    ia, ib, same = [t[0] for t in trip], [t[1] for t in trip], torch.tensor([t[2] for t in trip])
    dist = distance(tower(imgs[ia]), tower(imgs[ib]))
    loss = (same * dist**2 + (1 - same) * torch.relu(margin - dist) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print("step", step, "loss", loss.item())

tower.eval()
with torch.no_grad():
    gallery, query = tower(imgs[:1400]), tower(imgs[1400:])
    nearest = torch.nan_to_num(torch.cdist(query, gallery), nan=0.0).argmin(1)
hit = sum(labels[n] == labels[1400 + q] for q, n in enumerate(nearest.tolist())) / len(nearest)
print(f"final_metric={hit:.4f}")
