import os, math
import torch, torch.nn as nn, torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

# Oriented gratings: 5 textures that differ in frequency and contrast
FREQ = [1.0, 1.4, 1.8, 2.2, 2.6]


def textures(k, n, s=12):
    g = torch.arange(s).float() / s
    th = math.pi * torch.rand(n, 1, 1)
    u = g[None, :, None] * torch.cos(th) + g[None, None, :] * torch.sin(th)
    img = torch.sin(2 * math.pi * (FREQ[k] * u + torch.rand(n, 1, 1)))
    return (img + 0.25 * torch.randn(n, s, s)).unsqueeze(1)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, padding=2, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(32, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.relu(self.bn2(self.conv2(x)))
        return self.fc(F.avg_pool2d(x, 6).flatten(1))


net = Net()
data = torch.cat([textures(k, 400) for k in range(5)])
lab = torch.arange(5).repeat_interleave(400)
test = [textures(k, 120) for k in range(5)]
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=8 * 50)


def accuracy_by_class():
    with torch.no_grad():
        return [(net(x).argmax(1) == k).float().mean().item() for k, x in enumerate(test)]


for ep in range(8):
    net.train()
    for idx in torch.randperm(2000).view(50, 40):
        loss = F.cross_entropy(net(data[idx]), lab[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    per_class = accuracy_by_class()
    print(ep, "loss %.3f" % loss.item(), " ".join("%.2f" % a for a in per_class))

print("final_metric=%.4f" % (sum(per_class) / 5))
