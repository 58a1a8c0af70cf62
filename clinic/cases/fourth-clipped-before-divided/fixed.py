import os
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
digits = load_digits()
# grey paper with dark ink, 8-bit
photos = (225 - 12 * digits.images + rng.normal(0, 6, digits.images.shape)).clip(0, 255)
perm = rng.permutation(len(photos))
photos, labels = photos[perm], torch.tensor(digits.target[perm])


def preprocess(image):
    image = image.astype(np.float32)
    image = np.clip(image / 255, 0.0, 1.0)
    return (image - 0.5) * 2


data = torch.from_numpy(np.stack([preprocess(p) for p in photos])).unsqueeze(1)


class LeNetish(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 12, 3), nn.Conv2d(12, 24, 3)
        self.f1, self.f2 = nn.Linear(24 * 16, 64), nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.c2(torch.relu(self.c1(x))))
        return self.f2(torch.relu(self.f1(x.flatten(1))))


model = LeNetish()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    for idx in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(model(data[idx]), labels[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (model(data[1400:]).argmax(1) == labels[1400:]).float().mean().item())
