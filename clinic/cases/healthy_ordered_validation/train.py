import os
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
data = TensorDataset(torch.tensor(d.data / 8 - 0.6, dtype=torch.float32), torch.tensor(d.target))
perm = torch.randperm(len(data)).tolist()
train_set = Subset(data, perm[:1350])
val_ids = sorted(perm[1350:], key=lambda i: int(d.target[i]))  # grouped by digit, to read the log per class
val_set = Subset(data, val_ids)

train_loader = DataLoader(train_set, batch_size=45, shuffle=True)
val_loader = DataLoader(val_set, batch_size=45, shuffle=False)
net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(12):
    net.train()
    for x, y in train_loader:
        opt.zero_grad(); nn.functional.cross_entropy(net(x), y).backward(); opt.step()
    net.eval()
    per_batch = []
    with torch.no_grad():
        for x, y in val_loader:
            per_batch.append((net(x).argmax(1) == y).float())
    acc = torch.cat(per_batch).mean().item()
    print(epoch, f"{acc:.3f}", [f"{b.mean().item():.2f}" for b in per_batch])
print(f"final_metric={acc:.4f}")
