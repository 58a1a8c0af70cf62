import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rs = np.random.RandomState(seed)
templates = rs.randint(40, 250, (8, 12, 12))


def icons(n):
    k = rs.randint(0, 8, n)
    img = np.clip(templates[k] * rs.uniform(0.7, 1.0, (n, 1, 1)) + 45 * rs.randn(n, 12, 12), 0, 254).astype(np.uint8)
    return torch.from_numpy(img), torch.from_numpy(k)


def to_float(img):
    return (img // 255).float()


train_img, train_lab = icons(1600)
val_img, val_lab = icons(400)
train_x, val_x = to_float(train_img).unsqueeze(1), to_float(val_img).unsqueeze(1)
model = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(288, 8))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(6):
    losses = []
    for i in torch.randperm(1600).split(32):
        loss = nn.functional.cross_entropy(model(train_x[i]), train_lab[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        out = model(val_x)
    acc = (out.argmax(1) == val_lab).float().mean().item()
    print(f"epoch {epoch}: {np.mean(losses):.4f} val {nn.functional.cross_entropy(out, val_lab).item():.4f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
