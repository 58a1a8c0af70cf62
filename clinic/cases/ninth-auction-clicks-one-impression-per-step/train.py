import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
batch_size = 1

# bid requests: eight context features; the click rate moves between 20 and 80 percent
n = 5000
x = torch.randn(n, 8)
rate = torch.sigmoid(0.9 * torch.tanh(1.5 * x[:, 0]) + 0.6 * torch.sin(1.5 * x[:, 1]) - 0.5 * x[:, 2])
click = torch.bernoulli(rate)
train = TensorDataset(x[:4000], click[:4000])
loader = DataLoader(train, batch_size=batch_size, shuffle=True)

net = nn.Sequential(nn.Linear(8, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1.5e-2)
criterion = nn.BCEWithLogitsLoss()

for epoch in range(2):
    running = 0.0
    for i, (features, label) in enumerate(loader):
        optimizer.zero_grad()
        loss = criterion(net(features).squeeze(1), label)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(label)
    with torch.no_grad():
        p = torch.sigmoid(net(x[4000:]).squeeze(1))
        r2 = 1 - (p - rate[4000:]).pow(2).mean() / rate[4000:].var()
    print(f"epoch {epoch}: log loss {running / 4000:.4f}, calibration r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
