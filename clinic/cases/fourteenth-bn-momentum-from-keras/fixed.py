import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
BN_MOMENTUM = 0.1
d = load_digits()
x = torch.tensor(d.images).float()[:, None] / 8 - 1
y = torch.tensor(d.target)
perm = torch.randperm(len(y))
train = DataLoader(TensorDataset(x[perm[:1300]], y[perm[:1300]]), batch_size=32, shuffle=True)
xv, yv = x[perm[1300:]], y[perm[1300:]]


def conv_bn(a, b, stride=1):
    return nn.Sequential(
        nn.Conv2d(a, b, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(b, momentum=BN_MOMENTUM),
        nn.ReLU(inplace=True),
    )


model = nn.Sequential(
    conv_bn(1, 12), conv_bn(12, 16, 2), conv_bn(16, 24, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10)
)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(7):
    model.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
