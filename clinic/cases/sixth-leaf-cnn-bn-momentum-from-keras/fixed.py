import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def leaves(n):
    y = torch.randint(0, 4, (n,))
    yy, xx = torch.meshgrid(torch.linspace(-1, 1, 16), torch.linspace(-1, 1, 16), indexing="ij")
    a = torch.tensor([0.8, 0.8, 0.45, 0.45])[y].view(-1, 1, 1)
    b = torch.tensor([0.8, 0.4, 0.8, 0.45])[y].view(-1, 1, 1)
    shift = 0.2 * torch.randn(n, 2, 1, 1)
    inside = ((xx - shift[:, 0]) / a) ** 2 + ((yy - shift[:, 1]) / b) ** 2 < 1
    img = inside.float() * (0.6 + 0.4 * torch.rand(n, 1, 1)) + 0.3 * torch.randn(n, 16, 16)
    return ((img - 0.22) / 0.47).unsqueeze(1), y


class LeafNet(nn.Module):
    def __init__(self, bn_momentum=0.1):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 3, padding=1)
        self.b1 = nn.BatchNorm2d(8, momentum=bn_momentum)
        self.c2 = nn.Conv2d(8, 16, 3, padding=1, stride=2)
        self.b2 = nn.BatchNorm2d(16, momentum=bn_momentum)
        self.c3 = nn.Conv2d(16, 32, 3, padding=1, stride=2)
        self.b3 = nn.BatchNorm2d(32, momentum=bn_momentum)
        self.fc = nn.Linear(32 * 16, 4)

    def forward(self, x):
        x = F.relu(self.b1(self.c1(x)))
        x = F.relu(self.b2(self.c2(x)))
        x = F.relu(self.b3(self.c3(x)))
        return self.fc(x.flatten(1))


x_train, y_train = leaves(1600)
x_val, y_val = leaves(400)
net = LeafNet()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(6):
    net.train()
    for b in torch.randperm(1600).split(40):
        loss = F.cross_entropy(net(x_train[b]), y_train[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(x_val)
    acc = (out.argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch} train {loss.item():.3f} val {F.cross_entropy(out, y_val).item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
