import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

images, target = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8).astype(np.float32) / 16
order = rng.permutation(len(target))
images, target = images[order], target[order]
train_i, train_t = images[:1200], target[:1200]
valid_i, valid_t = images[1200:], target[1200:]


def augment(batch):
    """Shift every image by up to one pixel and add a little noise."""
    out = np.stack([np.roll(im, rng.integers(-1, 2), axis=rng.integers(0, 2)) for im in batch])
    return out + 0.05 * rng.normal(size=out.shape).astype(np.float32)


train_i = np.concatenate([train_i, augment(train_i)])
train_t = np.repeat(train_t, 2)


def tensor(a):
    return torch.as_tensor((a - 0.305) / 0.376, dtype=torch.float32).unsqueeze(1)


x, y = tensor(train_i), torch.as_tensor(train_t)
vx, vy = tensor(valid_i), torch.as_tensor(valid_t)
net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.AdaptiveAvgPool2d(2),
    nn.Flatten(), nn.Linear(128, 10),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    for b in torch.randperm(len(y)).split(64):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(vx).argmax(1) == vy).float().mean().item()
    print("epoch", epoch, "loss", loss.item(), "valid", acc)
print(f"final_metric={acc:.4f}")
