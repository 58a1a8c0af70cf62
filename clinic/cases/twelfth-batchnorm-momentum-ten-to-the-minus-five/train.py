import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
a, b, ya, yb = train_test_split((d.images - 4.88) / 6.02, d.target, test_size=0.25, random_state=seed, stratify=d.target)
a, b = torch.tensor(a).float().unsqueeze(1), torch.tensor(b).float().unsqueeze(1)
ya, yb = torch.tensor(ya), torch.tensor(yb)
BN_MOMENTUM = 1e-5


def conv_bn(i, o):
    return nn.Sequential(nn.Conv2d(i, o, 3, padding=1, bias=False), nn.BatchNorm2d(o, momentum=BN_MOMENTUM), nn.ReLU())


net = nn.Sequential(conv_bn(1, 8), nn.MaxPool2d(2), conv_bn(8, 16), conv_bn(16, 16), nn.Flatten(), nn.Linear(256, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(6):
    net.train()
    for idx in torch.randperm(len(a)).split(48):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a[idx]), ya[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(b)
        print(epoch, loss.item(), nn.functional.cross_entropy(out, yb).item())
print(f"final_metric=-{nn.functional.cross_entropy(out, yb).item():.4f}")
