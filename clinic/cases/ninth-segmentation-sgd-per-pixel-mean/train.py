import os
import torch
import torch.nn as nn
import torch.nn.functional as F

hp = {"lr": 1e-4, "momentum": 0.9, "batch": 24, "epochs": 7, "width": 12}
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def squares(n):
    img = torch.zeros(n, 1, 20, 20)
    mask = torch.zeros(n, 1, 20, 20)
    for i in range(n):
        h, w = torch.randint(5, 11, (2,)).tolist()
        r, c = torch.randint(0, 20 - h, (1,)).item(), torch.randint(0, 20 - w, (1,)).item()
        mask[i, 0, r:r + h, c:c + w] = 1
    img = mask * 1.6 + torch.randn_like(img)
    return (img - 0.25) / 1.2, mask


class SegNet(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.down1 = nn.Conv2d(1, w, 3, padding=1)
        self.down2 = nn.Conv2d(w, 2 * w, 3, padding=1, stride=2)
        self.mid = nn.Conv2d(2 * w, 2 * w, 3, padding=1)
        self.up = nn.ConvTranspose2d(2 * w, w, 2, stride=2)
        self.last = nn.Conv2d(2 * w, 1, 1)

    def forward(self, x):
        a = F.relu(self.down1(x))
        b = F.relu(self.down2(a))
        b = F.relu(self.mid(b))
        b = F.relu(self.up(b))
        return self.last(torch.cat([a, b], 1))


def iou(logits, mask):
    p, t = logits > 0, mask > 0.5
    return ((p & t).sum() / (p | t).sum().clamp(min=1)).item()


x, m = squares(700)
xv, mv = squares(150)
net = SegNet(hp["width"])
opt = torch.optim.SGD(net.parameters(), lr=hp["lr"], momentum=hp["momentum"])
for epoch in range(hp["epochs"]):
    total = 0.0
    for b in torch.randperm(len(x)).split(hp["batch"]):
        loss = F.binary_cross_entropy_with_logits(net(x[b]), m[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    with torch.no_grad():
        score = iou(net(xv), mv)
    print(f"epoch {epoch} | bce {total / len(x):.4f} | IoU {score:.4f}")
print(f"final_metric={score:.4f}")
