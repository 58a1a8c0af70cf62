import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def belt(n, p):
    y = (torch.rand(n) < p).long()
    img = torch.randn(n, 1, 12, 12) * 0.7
    for i in torch.nonzero(y)[:, 0].tolist():
        r, c = torch.randint(1, 9, (2,)).tolist()
        img[i, 0, r : r + 2, c : c + 2] += 1.4
    return img, y


xtr, ytr = belt(8000, 0.015)
xte, yte = belt(3000, 0.1)
train_set = TensorDataset(xtr, ytr)
w = torch.where(ytr == 1, 1.0 / (ytr == 1).sum(), 1.0 / (ytr == 0).sum())
train_loader = DataLoader(train_set, batch_size=64, sampler=torch.utils.data.WeightedRandomSampler(w, len(w)))


class DefectNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1)
        self.c2 = nn.Conv2d(12, 16, 3, padding=1)
        self.out = nn.Linear(16, 2)

    def forward(self, x):
        x = torch.relu(self.c1(x))
        x = torch.relu(self.c2(x)).amax((2, 3))
        return self.out(x)


net = DefectNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    net.train()
    for img, label in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(img), label)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        pred = net(xte).argmax(1)
    rec = [(pred[yte == c] == c).float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {loss.item():.3f} recall good {rec[0]:.3f} defect {rec[1]:.3f}")
print(f"final_metric={sum(rec) / 2:.4f}")
