import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
a, b, ya, yb = train_test_split((d.images - 4.88) / 6.02, d.target, test_size=0.25, random_state=seed, stratify=d.target)
a, b = torch.tensor(a).float().unsqueeze(1), torch.tensor(b).float().unsqueeze(1)
ya, yb = torch.tensor(ya), torch.tensor(yb)
features = nn.Sequential(nn.Conv2d(1, 24, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
for p in features.parameters():
    p.requires_grad_(False)
head = nn.Sequential(nn.BatchNorm1d(216), nn.Linear(216, 10))
opt = torch.optim.SGD(head.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
for epoch in range(8):
    head.train()
    for idx in torch.randperm(len(a)).split(48):
        with torch.no_grad():
            z = features(a[idx])
        loss = nn.functional.cross_entropy(head(z), ya[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    head.eval()
    with torch.no_grad():
        acc = (head(features(b)).argmax(1) == yb).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
