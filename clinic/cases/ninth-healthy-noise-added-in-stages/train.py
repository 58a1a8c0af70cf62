import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
order = torch.randperm(1797)
img = torch.tensor(d.images, dtype=torch.float32)[order, None]
img = (img - img[:1400].mean()) / img[:1400].std()
lab = torch.tensor(d.target)[order]
test = img[1400:] + 0.6 * torch.randn_like(img[1400:])
net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(24 * 16, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for stage, level in enumerate([0.0, 0.2, 0.4, 0.6]):
    for epoch in range(2 if level < 0.6 else 4):
        total = 0.0
        for b in torch.randperm(1400).split(35):
            noisy = img[b] + level * torch.randn_like(img[b])
            loss = F.cross_entropy(net(noisy), lab[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item() / 40
        with torch.no_grad():
            acc = (net(test).argmax(1) == lab[1400:]).float().mean().item()
        print(f"stage {stage} noise {level} loss {total:.4f} noisy test {acc:.4f}")
print(f"final_metric={acc:.4f}")
