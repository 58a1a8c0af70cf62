import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
S = 20


def scene():
    img = rng.normal(0, 0.35, (S, S))
    yy, xx = np.mgrid[:S, :S]
    mask = np.zeros((S, S))
    for _ in range(rng.integers(1, 4)):
        cy, cx, r = rng.uniform(3, S - 3), rng.uniform(3, S - 3), rng.uniform(2.5, 5)
        mask[(yy - cy) ** 2 + (xx - cx) ** 2 < r * r] = 1
    return img + mask * 1.2, mask


scenes = [scene() for _ in range(900)]
images = np.stack([s[0] for s in scenes]).astype('float32')
masks = np.stack([s[1] for s in scenes]).astype('float32')
images = (images - images.mean()) / images.std()

train_img, train_mask, val_img, val_mask = images[:700], masks[:700], images[700:], masks[700:]
# mix the recording sites
train_img = rng.permutation(train_img)
train_mask = rng.permutation(train_mask)


class Cells(Dataset):
    def __init__(self, img, mask):
        self.img, self.mask = img, mask

    def __len__(self):
        return len(self.img)

    def __getitem__(self, i):
        return torch.from_numpy(self.img[i])[None], torch.from_numpy(self.mask[i])[None]


class MiniUNet(nn.Module):
    def __init__(self, c=8):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(1, c, 3, padding=1), nn.ReLU())
        self.mid = nn.Sequential(nn.Conv2d(c, 2 * c, 3, padding=1), nn.ReLU(), nn.Conv2d(2 * c, 2 * c, 3, padding=1), nn.ReLU())
        self.up = nn.Sequential(nn.Conv2d(3 * c, c, 3, padding=1), nn.ReLU(), nn.Conv2d(c, 1, 1))

    def forward(self, x):
        a = self.down(x)
        b = F.interpolate(self.mid(F.max_pool2d(a, 2)), scale_factor=2)
        return self.up(torch.cat([a, b], 1))


net = MiniUNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
loader = DataLoader(Cells(train_img, train_mask), batch_size=16, shuffle=True)
vloader = DataLoader(Cells(val_img, val_mask), batch_size=50)
for epoch in range(6):
    net.train()
    for x, m in loader:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(x), m)
        loss.backward()
        opt.step()
    net.eval()
    inter = total = 0.
    vl = []
    with torch.no_grad():
        for x, m in vloader:
            o = net(x)
            vl.append(F.binary_cross_entropy_with_logits(o, m).item())
            p = (o > 0).float()
            inter += 2 * (p * m).sum().item()
            total += (p + m).sum().item()
    print(f'epoch {epoch} loss {loss.item():.4f} val {np.mean(vl):.4f} dice {inter / total:.4f}')
print(f'final_metric={inter / total:.4f}')
