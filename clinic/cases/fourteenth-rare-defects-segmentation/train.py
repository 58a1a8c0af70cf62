import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def scans(n, size=16):
    """Noisy surface scans with a few faint two-pixel scratches; the mask marks the scratch."""
    x = torch.randn(n, 1, size, size)
    mask = torch.zeros(n, 1, size, size)
    for i in range(n):
        r, c = torch.randint(1, size - 1, (2,)).tolist()
        mask[i, 0, r, c - 1:c + 1] = 1
    return x + 2.2 * mask, mask


def conv(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU())


class UNet(nn.Module):
    def __init__(self, w=8):
        super().__init__()
        self.down1, self.down2 = conv(1, w), conv(w, 2 * w)
        self.up = nn.ConvTranspose2d(2 * w, w, 2, stride=2)
        self.merge = conv(2 * w, w)
        self.out = nn.Conv2d(w, 1, 1)

    def forward(self, x):
        a = self.down1(x)
        b = self.up(self.down2(F.max_pool2d(a, 2)))
        return self.out(self.merge(torch.cat([a, b], 1)))


x_train, m_train = scans(400)
x_test, m_test = scans(300)
net = UNet()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(6):
    net.train()
    for idx in torch.randperm(len(x_train)).split(16):
        opt.zero_grad()
        loss = criterion(net(x_train[idx]), m_train[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        pred = net(x_test) > 0
    recall = pred[m_test == 1].float().mean().item()
    specificity = (~pred[m_test == 0]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} recall {recall:.3f} specificity {specificity:.3f}")
print(f"final_metric={(recall + specificity) / 2:.4f}")
