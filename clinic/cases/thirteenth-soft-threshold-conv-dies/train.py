import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def stripes(n, size=12):
    """Grey images with horizontal, vertical or diagonal stripes."""
    kind = torch.randint(0, 3, (n,))
    i, j = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    phase = torch.rand(n, 1, 1) * 6.28
    field = torch.stack([i, j, i + j])[kind].float()
    img = torch.sin(field * 1.3 + phase) + 0.7 * torch.randn(n, size, size)
    return img.unsqueeze(1) * 0.5, kind


class ConvNet(nn.Module):
    threshold = 1.5

    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 3, padding=1)
        self.c2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(16 * 9, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x) - self.threshold), 2)
        x = F.max_pool2d(F.relu(self.c2(x) - self.threshold), 2)
        return self.fc(x.flatten(1))


train_x, train_y = stripes(1500)
test_x, test_y = stripes(600)
net = ConvNet()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(6):
    net.train()
    for b in torch.randperm(len(train_x)).split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(train_x[b]), train_y[b])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", round(loss.item(), 4))
net.eval()
with torch.no_grad():
    accuracy = (net(test_x).argmax(1) == test_y).float().mean().item()
print(f"final_metric={accuracy:.4f}")
