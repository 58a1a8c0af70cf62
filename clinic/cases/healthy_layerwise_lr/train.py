import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.images, dtype=torch.float32)[:, None] / 8 - 0.6
y = torch.tensor(d.target)
p = torch.randperm(len(X))
X, y = X[p], y[p]

trunk = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten())
rot_head = nn.Linear(512, 4)


def loop(head, groups, data, labels, epochs):
    opt = torch.optim.Adam(groups)
    for e in range(epochs):
        for b in torch.randperm(len(data)).split(56):
            loss = nn.functional.cross_entropy(head(trunk(data[b])), labels[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        print("  ", e, loss.item())


# stage 1: pretext task, predict the rotation
k = torch.randint(0, 4, (1400,))
rotated = torch.stack([torch.rot90(im, int(r), (1, 2)) for im, r in zip(X[:1400], k)])
loop(rot_head, [{"params": [*trunk.parameters(), *rot_head.parameters()], "lr": 2e-3}], rotated, k, 8)

# stage 2: digits; the trunk is only nudged
head = nn.Sequential(nn.Linear(512, 64), nn.Tanh(), nn.Linear(64, 10))
loop(head, [{"params": trunk.parameters(), "lr": 2e-6}, {"params": head.parameters(), "lr": 2e-3}], X[:1400], y[:1400], 9)
with torch.no_grad():
    acc = (head(trunk(X[1400:])).argmax(1) == y[1400:]).float().mean().item()
print(f"final_metric={acc:.4f}")
