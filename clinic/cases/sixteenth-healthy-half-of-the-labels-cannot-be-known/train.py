import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(8) / 8 ** 0.5


def impressions(n):
    x = torch.randn(n, 8)
    p = torch.sigmoid(1.1 * (x @ w))
    return x, torch.bernoulli(p)


train = DataLoader(TensorDataset(*impressions(6000)), batch_size=100, shuffle=True)
xv, yv = impressions(3000)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(8):
    for x, y in train:
        opt.zero_grad()
        loss = bce(model(x).squeeze(1), y)
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = model(xv).squeeze(1)
        acc = ((out > 0).float() == yv).float().mean().item()
    print(epoch, loss.item(), "val", bce(out, yv).item(), acc)
print(f"final_metric={acc:.4f}")
