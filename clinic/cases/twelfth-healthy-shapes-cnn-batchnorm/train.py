import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def shapes(n):
    y = torch.randint(0, 3, (n,))
    g = torch.linspace(-1, 1, 12)
    yy, xx = torch.meshgrid(g, g, indexing="ij")
    cx, cy = 0.6 * (torch.rand(n, 1, 1) - 0.5), 0.6 * (torch.rand(n, 1, 1) - 0.5)
    box = (((xx - cx).abs() < 0.5) & ((yy - cy).abs() < 0.5)).float()
    disc = (((xx - cx) ** 2 + (yy - cy) ** 2) < 0.25).float() * (((xx - cx) ** 2 + (yy - cy) ** 2) > 0.06).float()
    bars = (torch.sin(9 * (xx - cx)) > 0).float().expand(n, 12, 12)
    img = torch.stack([box, disc, bars])[y, torch.arange(n)] + 0.3 * torch.randn(n, 12, 12)
    return ((img - 0.32) / 0.55).unsqueeze(1), y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        )
        self.classifier = nn.Linear(16 * 9, 3)

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


X, y = shapes(1800)
Xv, yv = shapes(500)
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
ce = nn.CrossEntropyLoss()
for epoch in range(5):
    net.train()
    for idx in torch.randperm(1800).split(45):
        opt.zero_grad()
        loss = ce(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(Xv)
    acc = (out.argmax(1) == yv).float().mean().item()
    print(epoch, loss.item(), ce(out, yv).item(), acc)
print(f"final_metric={acc:.4f}")
