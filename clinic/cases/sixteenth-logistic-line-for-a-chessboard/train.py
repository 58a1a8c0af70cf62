import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class BoardModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 2)

    def forward(self, x):
        return self.linear(x)


points = torch.rand(5000, 2) * 3 - 1.5
colour = ((points[:, 0] + 1.5).floor() + (points[:, 1] + 1.5).floor()).long() % 2
train_dl = DataLoader(TensorDataset(points[:4000], colour[:4000]), batch_size=64, shuffle=True)
model = BoardModel()
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
criterion = nn.CrossEntropyLoss()
for epoch in range(15):
    for x, y in train_dl:
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(points[4000:]).argmax(1) == colour[4000:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
