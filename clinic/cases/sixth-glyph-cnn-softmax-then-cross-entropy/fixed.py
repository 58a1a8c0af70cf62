import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)

glyphs = (torch.rand(15, 1, 10, 10) > 0.5).float()


def render(n):
    t = torch.randint(0, 15, (n,))
    img = glyphs[t]
    flip = (torch.rand_like(img) < 0.15).float()
    img = (img - flip).abs() + 0.2 * torch.randn_like(img)
    return TensorDataset((img - 0.5) / 0.54, t)


tr, va = render(3000), render(600)


class GlyphNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3)
        self.conv2 = nn.Conv2d(12, 24, 3)
        self.fc1 = nn.Linear(24 * 9, 64)
        self.fc2 = nn.Linear(64, 15)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


model = GlyphNet()
opt = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
for epoch in range(8):
    model.train()
    s = 0
    for xb, yb in DataLoader(tr, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = F.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        s += loss.item()
    model.eval()
    with torch.no_grad():
        xb, yb = va.tensors
        acc = (model(xb).argmax(1) == yb).float().mean().item()
    print(f'[{epoch}] train loss {s / 60:.3f}  val acc {acc:.3f}')
print(f'final_metric={acc:.4f}')
