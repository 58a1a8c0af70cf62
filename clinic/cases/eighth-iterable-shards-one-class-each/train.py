import os
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, IterableDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
random.seed(seed)
CLASSES, PER = 6, 900
proto = torch.randn(CLASSES, 3, 20)


def draw(label, n):
    which = torch.randint(0, 3, (n,))
    return [(0.9 * proto[label, k] + torch.randn(20), label) for k in which.tolist()]


shards = [draw(label, PER) for label in range(CLASSES)]
test = [row for label in range(CLASSES) for row in draw(label, 60)]


class Shards(IterableDataset):
    def __init__(self, shards):
        self.shards = shards

    def __iter__(self):
        rows = [row for shard in self.shards for row in shard]
        yield from rows


loader = DataLoader(Shards(shards), batch_size=30)
net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, CLASSES))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
xt = torch.stack([x for x, _ in test])
yt = torch.tensor([y for _, y in test])
for epoch in range(4):
    net.train()
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(xt).argmax(1) == yt).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} test acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
