import os
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(int(os.environ.get('SEED', 0)))


def draw(n):
    """16x16 pictures of a horizontal bar, a vertical bar, a square or a diagonal."""
    imgs = 0.3 * torch.randn(n, 1, 16, 16)
    labels = torch.randint(0, 4, (n,))
    for i, k in enumerate(labels.tolist()):
        r, c = torch.randint(2, 8, (2,)).tolist()
        if k == 0:
            imgs[i, 0, r, c:c + 6] += 1
        elif k == 1:
            imgs[i, 0, r:r + 6, c] += 1
        elif k == 2:
            imgs[i, 0, r:r + 3, c:c + 3] += 1
        else:
            for j in range(6):
                imgs[i, 0, r + j, c + j] += 1
    return TensorDataset((imgs - 0.02) / 0.35, labels)


train, val = draw(2400), draw(600)
loader = DataLoader(train, batch_size=48, shuffle=True)
val_loader = DataLoader(val, batch_size=200)

net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
ce = nn.CrossEntropyLoss()

for epoch in range(8):
    net.train()
    opt.zero_grad()
    for x, y in loader:
        loss = ce(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    good = 0
    with torch.no_grad():
        for x, y in val_loader:
            good += (net(x).argmax(1) == y).sum().item()
    print(f'epoch {epoch}: last loss {loss.item():.3f}, val acc {good / len(val):.3f}')
print(f'final_metric={good / len(val):.4f}')
