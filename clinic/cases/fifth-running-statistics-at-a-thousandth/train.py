import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

BN = dict(momentum=0.001, eps=1e-3)

def keypoints(n, size=12):
    """find the centre of a bright cross in a cluttered picture"""
    xy = torch.randint(2, size - 2, (n, 2))
    img = .5 * torch.randn(n, 1, size, size)
    k = torch.arange(n)
    for d in (-2, -1, 0, 1, 2):
        img[k, 0, xy[:, 0] + d, xy[:, 1]] += 1.5
        img[k, 0, xy[:, 0], xy[:, 1] + d] += 1.5
    img = (img - img.mean()) / img.std()
    return img, (xy.float() - (size - 1) / 2) / 2.3

net = nn.Sequential(
    nn.Conv2d(1, 16, 5, padding=2, bias=False), nn.BatchNorm2d(16, **BN), nn.ReLU(),
    nn.Conv2d(16, 16, 3, padding=1, stride=2, bias=False), nn.BatchNorm2d(16, **BN), nn.ReLU(), nn.Flatten(),
    nn.Linear(16 * 36, 48, bias=False), nn.BatchNorm1d(48, **BN), nn.ReLU(), nn.Linear(48, 2))
xtr, ytr = keypoints(2400)
xva, yva = keypoints(500)
loader = DataLoader(TensorDataset(xtr, ytr), 64, shuffle=True)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(7):
    net.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.smooth_l1_loss(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(xva)
        v = nn.functional.smooth_l1_loss(o, yva).item()
        near = ((o - yva).norm(dim=1) < .45).float().mean().item()
    print(f'epoch {epoch} train {loss.item():.4f} val {v:.4f} within a pixel {near:.3f}')
print(f'final_metric={near:.4f}')
