import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def textures(n):
    """Checkerboard, horizontal or vertical gratings of random phase and sign in noise."""
    i = torch.arange(10)
    y = torch.randint(0, 3, (n,))
    phase = torch.randint(0, 2, (n,)) * 2.0 - 1
    check = ((i[:, None] + i[None, :]) % 2) * 2.0 - 1
    horiz = ((i[:, None] % 2) * 2.0 - 1).expand(10, 10)
    bank = torch.stack([check, horiz, horiz.T])
    x = 0.7 * phase[:, None, None] * bank[y] + 0.9 * torch.randn(n, 10, 10)
    return x.unsqueeze(1), y


class TextureNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3)
        self.conv2 = nn.Conv2d(8, 16, 3)
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        return self.fc(x.mean((2, 3)))


x_train, y_train = textures(3000)
x_test, y_test = textures(1000)
net = TextureNet()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(len(x_train)).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(net(x_train[idx]), y_train[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(x_test).argmax(1) == y_test).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
