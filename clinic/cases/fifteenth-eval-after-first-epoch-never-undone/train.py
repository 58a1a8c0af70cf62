import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def data(n):
    x = torch.randn(n, 25)
    y = ((x[:, :5].sum(1) + 1.5 * x[:, 5] * x[:, 6] + 1.2 * torch.randn(n)) > 0).long()
    return x, y


xtr, ytr = data(500)
xva, yva = data(2000)
loader = DataLoader(TensorDataset(xtr, ytr), batch_size=32, shuffle=True)
net = nn.Sequential(
    nn.Linear(25, 128), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(128, 2),
)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
net.train()
for epoch in range(30):
    for x, y in loader:
        loss = loss_fn(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        val = loss_fn(net(xva), yva).item()
        acc = (net(xva).argmax(1) == yva).float().mean().item()
    print(f"epoch {epoch}: train {loss.item():.3f} val {val:.3f} acc {acc:.3f}")
print(f"final_metric={-val:.4f}")
