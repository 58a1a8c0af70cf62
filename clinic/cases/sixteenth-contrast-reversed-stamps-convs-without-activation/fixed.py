import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def stamps(n, S=10):
    """a horizontal or a vertical stroke, printed black on grey or white on grey"""
    k = torch.randint(0, 2, (n,))
    sign = 2.0 * torch.randint(0, 2, (n,)) - 1
    img = 0.4 * torch.randn(n, 1, S, S)
    r, c = torch.randint(0, S, (n,)), torch.randint(0, S - 5, (n,))
    for i in range(n):
        line = slice(int(c[i]), int(c[i]) + 6)
        if k[i]:
            img[i, 0, r[i], line] += 1.8 * sign[i]
        else:
            img[i, 0, line, r[i]] += 1.8 * sign[i]
    return img / 0.6, k


train_loader = DataLoader(TensorDataset(*stamps(1800)), batch_size=36, shuffle=True)
xv, yv = stamps(500)
model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1), nn.ReLU(),
    nn.Conv2d(12, 12, 3, padding=1), nn.ReLU(),
    nn.Conv2d(12, 16, 3, stride=2, padding=1), nn.ReLU(),
    nn.Flatten(),
    nn.Linear(16 * 25, 2),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(7):
    for x, y in train_loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "val", round(acc, 4))
print(f"final_metric={acc:.4f}")
