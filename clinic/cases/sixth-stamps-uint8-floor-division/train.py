import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

masters = rng.integers(0, 220, (10, 12, 12))


def scan(n):
    k = rng.integers(0, 10, n)
    img = masters[k] * rng.uniform(0.7, 1.1, (n, 1, 1)) + rng.normal(0, 45, (n, 12, 12))
    return np.clip(img, 0, 255).astype(np.uint8), k


train_img, train_lab = scan(2500)
val_img, val_lab = scan(500)
train_img = train_img // 255
val_img = val_img // 255
train_x = torch.from_numpy(train_img).float().unsqueeze(1) * 3.2 - 1.3
val_x = torch.from_numpy(val_img).float().unsqueeze(1) * 3.2 - 1.3
train_y, val_y = torch.from_numpy(train_lab), torch.from_numpy(val_lab)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 3, padding=1)
        self.c2 = nn.Conv2d(8, 16, 3, padding=1)
        self.f = nn.Linear(16 * 9, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.f(x.flatten(1))


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(6):
    net.train()
    perm = torch.randperm(len(train_x))
    for i in range(0, len(perm), 50):
        b = perm[i:i + 50]
        opt.zero_grad()
        loss = F.cross_entropy(net(train_x[b]), train_y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
