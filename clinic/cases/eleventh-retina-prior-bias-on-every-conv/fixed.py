import math
import os

import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def conv_block(cin, cout):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.ReLU(inplace=True))


class DotFinder(nn.Module):
    """Predicts for every pixel whether a bright dot is centred there."""

    def __init__(self, ch=12, prior=0.05):
        super().__init__()
        self.trunk = nn.Sequential(conv_block(1, ch), conv_block(ch, ch), conv_block(ch, ch))
        self.cls = nn.Conv2d(ch, 1, 1)
        self.init_weights(prior)

    def init_weights(self, prior):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
                nn.init.zeros_(m.bias)
        nn.init.constant_(self.cls.bias, -math.log((1 - prior) / prior))

    def forward(self, x):
        return self.cls(self.trunk(x))


def scenes(n, size=16):
    img = 0.5 * torch.randn(n, 1, size, size)
    heat = torch.zeros(n, 1, size, size)
    for i in range(n):
        for _ in range(6):
            r, c = torch.randint(1, size - 1, (2,)).tolist()
            img[i, 0, r - 1:r + 2, c] += 1.5
            img[i, 0, r, c - 1:c + 2] += 1.5
            heat[i, 0, r, c] = 1
    img = (img - img.mean()) / img.std()
    return img, heat


images, heats = scenes(300)
val_images, val_heats = scenes(100)
model = DotFinder()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(10):
    for idx in torch.randperm(len(images)).split(16):
        optimizer.zero_grad()
        loss = criterion(model(images[idx]), heats[idx])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        hit = torch.sigmoid(model(val_images)) > 0.5
        tp = (hit & (val_heats == 1)).sum().item()
        f1 = 2 * tp / max(1, hit.sum().item() + val_heats.sum().item())
    print("epoch %d loss %.4f f1 %.3f" % (epoch, loss.item(), f1))
print(f"final_metric={f1:.4f}")
