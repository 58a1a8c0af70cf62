import math
import os
import torch
import torch.nn as nn
import torch.nn.functional as F


def make_scenes(n, g):
    img = 0.3 * torch.randn(n, 1, 16, 16, generator=g)
    target = torch.zeros(n, 1, 4, 4)
    for i in range(n):
        for _ in range(2):
            r, c = torch.randint(0, 4, (2,), generator=g).tolist()
            img[i, 0, 4 * r + 1:4 * r + 3, 4 * c:4 * c + 4] += 1.5
            target[i, 0, r, c] = 1
    return (img - 0.09) / 0.45, target


class Detector(nn.Module):
    def __init__(self, prior=0.01):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1)
        self.c2 = nn.Conv2d(12, 24, 3, stride=2, padding=1)
        self.c3 = nn.Conv2d(24, 24, 3, stride=2, padding=1)
        self.objectness = nn.Conv2d(24, 1, 1)
        self.reset(-math.log((1 - prior) / prior))

    def reset(self, bias):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.normal_(m.weight, std=math.sqrt(2 / m.weight[0].numel()))
                nn.init.constant_(m.bias, bias)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        x = F.relu(self.c3(x))
        return self.objectness(x)


def f1(logit, target):
    p = logit > 0
    t = target > 0.5
    return (2 * (p & t).sum() / (p.sum() + t.sum()).clamp(min=1)).item()


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed + 11)
    x, t = make_scenes(700, g)
    xv, tv = make_scenes(300, g)
    net = Detector()
    opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-4)
    for epoch in range(7):
        net.train()
        tot = 0
        for idx in torch.randperm(len(x), generator=g).split(32):
            loss = F.binary_cross_entropy_with_logits(net(x[idx]), t[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
            tot += loss.item() * len(idx)
        net.eval()
        with torch.no_grad():
            score = f1(net(xv), tv)
        print(f"[{epoch}] loss {tot / len(x):.4f}  val F1 {score:.3f}")
    print(f"final_metric={score:.4f}")
