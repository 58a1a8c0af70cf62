import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits


def conv3x3(i, o, stride=1):
    return nn.Conv2d(i, o, 3, stride=stride, padding=1, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.conv1, self.bn1 = conv3x3(cin, cout, stride), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = conv3x3(cout, cout), nn.BatchNorm2d(cout)
        self.short = nn.Identity() if cin == cout and stride == 1 else nn.Sequential(
            nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return F.relu(out + self.short(x))


class MiniResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv3x3(1, 12), nn.BatchNorm2d(12), nn.ReLU(inplace=True))
        self.l1 = BasicBlock(12, 12)
        self.l2 = BasicBlock(12, 24, 2)
        self.l3 = BasicBlock(24, 32, 2)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.l3(self.l2(self.l1(self.stem(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    d = load_digits()
    X = torch.tensor(d.images, dtype=torch.float32)[:, None] / 16
    y = torch.tensor(d.target)
    p = torch.randperm(len(X))
    Xt, yt, Xv, yv = X[p[:1400]], y[p[:1400]], X[p[1400:]], y[p[1400:]]
    mu, sd = Xt.mean(), Xt.std()
    Xt, Xv = (Xt - mu) / sd, (Xv - mu) / sd
    net = MiniResNet()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)
    sched = torch.optim.lr_scheduler.MultiStepLR(opt, milestones=[4, 6], gamma=0.1)
    for epoch in range(8):
        net.train()
        for b in torch.randperm(len(Xt)).split(56):
            loss = F.cross_entropy(net(Xt[b]), yt[b])
            opt.zero_grad()
            loss.backward()
            opt.step()
        sched.step()
        net.eval()
        with torch.no_grad():
            acc = (net(Xv).argmax(1) == yv).float().mean().item()
        print(f"epoch {epoch} lr {sched.get_last_lr()[0]:.4f} acc {acc:.4f}")
    print(f"final_metric={acc:.4f}")


if __name__ == "__main__":
    main()
