import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

# count the blobs (1..4) on a 16x16 canvas
yy, xx = np.mgrid[0:16, 0:16]


def render(count):
    img = np.zeros((16, 16))
    cells = np.random.permutation(9)[:count]
    for c in cells:
        cy, cx = 3 + 5 * (c // 3) + np.random.uniform(-.5, .5), 3 + 5 * (c % 3) + np.random.uniform(-.5, .5)
        s = np.random.uniform(0.6, 1.6)
        img += np.random.uniform(0.5, 1.5) * np.exp(-((yy - cy) ** 2 + (xx - cx) ** 2) / (2 * s * s))
    return img + np.random.normal(0, 0.1, img.shape)


labels = np.random.randint(0, 4, 1300)
images = np.stack([render(k + 1) for k in labels])
images = (images - images.mean()) / images.std()
images = torch.tensor(images, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(labels)
x_tr, y_tr, x_va, y_va = images[:1000], labels[:1000], images[1000:], labels[1000:]

backbone = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
)
head = nn.Linear(16, 4)
model = nn.Sequential(backbone, head)

# dry run to see that the shapes fit, nothing to learn yet
model.requires_grad_(False)
print("output shape", tuple(model(x_tr[:2]).shape))
model.requires_grad_(True)

params = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(params, lr=5e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=14)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.02)

for epoch in range(14):
    model.train()
    for ids in torch.randperm(1000).split(40):
        optimizer.zero_grad()
        loss = loss_fn(model(x_tr[ids]), y_tr[ids])
        loss.backward()
        optimizer.step()
    scheduler.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x_va).argmax(1) == y_va).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.3f}, val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
