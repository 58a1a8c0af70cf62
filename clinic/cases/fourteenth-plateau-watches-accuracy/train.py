import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def patterns(n):
    """10x10 patches with a horizontal, vertical, diagonal or no stripe in noise."""
    x = 0.8 * torch.randn(n, 1, 10, 10)
    y = torch.randint(0, 4, (n,))
    for i in range(n):
        k = int(torch.randint(1, 9, ()))
        if y[i] == 0:
            x[i, 0, k] += 1.2
        elif y[i] == 1:
            x[i, 0, :, k] += 1.2
        elif y[i] == 2:
            x[i, 0] += 1.2 * torch.eye(10).roll(k - 5, 0)
    return x, y


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 12, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(12, 16, 3, padding=1), nn.ReLU(),
        )
        self.fc = nn.Linear(16 * 25, 4)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))


xtr, ytr = patterns(2500)
xva, yva = patterns(800)
model = SmallCNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.1, patience=0)
for epoch in range(10):
    model.train()
    for idx in torch.randperm(len(xtr)).split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xva).argmax(1) == yva).float().mean().item()
    scheduler.step(acc)
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f} lr {optimizer.param_groups[0]['lr']:.2e}")
print(f"final_metric={acc:.4f}")
