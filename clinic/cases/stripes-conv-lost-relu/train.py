import os
import math
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def images(n, size=12):
    """horizontal or vertical stripes, with a dot row as third kind; sign and phase are random"""
    y = torch.randint(0, 3, (n,))
    pos = torch.arange(size) * 2 * math.pi / 4
    wave = torch.sin(pos[None] + 2 * math.pi * torch.rand(n, 1))
    wave2 = torch.sin(pos[None] + 2 * math.pi * torch.rand(n, 1))
    h = wave[:, :, None].expand(n, size, size)
    v = wave[:, None, :].expand(n, size, size)
    d = wave[:, :, None] * wave2[:, None, :] * 1.4
    img = torch.stack([h, v, d])[y, torch.arange(n)]
    return (1.2 * img + 0.6 * torch.randn(n, size, size))[:, None], y


class StripeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3)
        self.conv2 = nn.Conv2d(12, 24, 3)
        self.pool = nn.AvgPool2d(8)
        self.fc = nn.Linear(24, 3)

    def forward(self, x):
        x = self.conv1(x)
        F.relu(x)
        x = self.conv2(x)
        F.relu(x)
        x = self.pool(x).flatten(1)
        return self.fc(x)


train_x, train_y = images(3000)
val_x, val_y = images(800)
net = StripeNet()
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)

for epoch in range(8):
    net.train()
    loss_sum = 0.0
    for idx in torch.randperm(3000).split(50):
        loss = F.cross_entropy(net(train_x[idx]), train_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        loss_sum += loss.item()
    net.eval()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean().item()
    print(f"epoch {epoch} loss {loss_sum / 60:.4f} acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
