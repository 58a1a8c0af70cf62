import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
SHARES = torch.tensor([0.92, 0.016, 0.016, 0.016, 0.016, 0.016])
prototypes = F.avg_pool2d(torch.randn(6, 1, 14, 14), 3, 1)       # 12 x 12


def slides(n, shares):
    y = torch.multinomial(shares, n, replacement=True)
    grain = prototypes[y]
    grain = torch.where(torch.rand(n, 1, 1, 1) < 0.5, grain, grain.flip(-1))
    x = 1.0 * grain / prototypes.std() + 1.6 * torch.randn(n, 1, 12, 12)
    return x / 1.9, y


class PollenNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3)
        self.conv2 = nn.Conv2d(12, 16, 3)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(16 * 16, 6)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(self.drop(x.flatten(1)))


x, y = slides(3000, SHARES)
x_test, y_test = slides(900, torch.full((6,), 1 / 6))
model = PollenNet()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
weight = None
for epoch in range(5):
    model.train()
    for idx in torch.randperm(len(x)).split(64):
        loss = F.cross_entropy(model(x[idx]), y[idx], weight=weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        pred = model(x_test).argmax(1)
    recall = [(pred[y_test == k] == k).float().mean().item() for k in range(6)]
    print("epoch", epoch, "loss", round(loss.item(), 3), "recall per species", [round(r, 2) for r in recall])
print(f"final_metric={sum(recall) / 6:.4f}")
