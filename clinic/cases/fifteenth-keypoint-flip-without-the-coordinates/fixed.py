import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
random.seed(SEED)
SIZE = 20


class LandmarkDataset(Dataset):
    """find the bright spot; coordinates in [-1, 1]"""

    def __init__(self, n, augment):
        self.augment = augment
        c = torch.rand(n, 2) * 1.7 - 0.85
        g = torch.linspace(-1, 1, SIZE)
        gx, gy = g.view(1, 1, -1), g.view(1, -1, 1)
        spot = torch.exp(-((gx - c[:, 0].view(-1, 1, 1)) ** 2 + (gy - c[:, 1].view(-1, 1, 1)) ** 2) / 0.03)
        self.img = (spot * 2 + 0.3 * torch.randn(n, SIZE, SIZE)).unsqueeze(1)
        self.xy = c

    def __len__(self):
        return len(self.img)

    def __getitem__(self, i):
        img, xy = self.img[i], self.xy[i].clone()
        if self.augment and random.random() < 0.5:
            img = torch.flip(img, dims=[-1])
            xy[0] = -xy[0]
        return img, xy


train = DataLoader(LandmarkDataset(1500, True), batch_size=32, shuffle=True)
test_set = LandmarkDataset(500, False)
model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(24 * 25, 64), nn.ReLU(), nn.Linear(64, 2),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(10):
    model.train()
    tot = 0
    for img, xy in train:
        loss = nn.functional.smooth_l1_loss(model(img), xy)
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        err = (model(test_set.img) - test_set.xy).norm(dim=1).mean().item()
    print(f"epoch {epoch} train {tot / len(train):.4f} mean error {err:.4f}")
print(f"final_metric={-err:.4f}")
