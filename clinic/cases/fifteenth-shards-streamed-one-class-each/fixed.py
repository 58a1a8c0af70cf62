"""Streaming loader for our vibration archive (one file per machine state)."""
import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
random.seed(SEED)
STATES = ["ok", "imbalance", "looseness", "bearing", "misaligned"]


def read_shard(state, n):
    k = STATES.index(state)
    t = torch.arange(64) / 64 * 6.2832
    out = []
    for _ in range(n):
        s = torch.sin(3 * t + 6.28 * random.random()) + 0.6 * torch.sin((5 + 2 * k) * t + 6.28 * random.random())
        out.append((s + 0.4 * torch.randn(64), k))
    return out


class ShardStream(IterableDataset):
    def __init__(self, shards, buffer=1):
        self.shards, self.buffer = shards, buffer

    def __iter__(self):
        buf = []
        for shard in self.shards:
            for item in shard:
                buf.append(item)
                if len(buf) >= self.buffer:
                    yield buf.pop(random.randrange(len(buf)))
        random.shuffle(buf)
        yield from buf


shards = [read_shard(s, 320) for s in STATES]
test = [item for s in STATES for item in read_shard(s, 80)]
loader = DataLoader(ShardStream(shards, buffer=1600), batch_size=32)
model = nn.Sequential(
    nn.Unflatten(1, (1, 64)), nn.Conv1d(1, 16, 9, padding=4), nn.ReLU(), nn.MaxPool1d(2),
    nn.Conv1d(16, 24, 9, padding=4), nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(24, 5),
)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
xt, yt = torch.stack([a for a, _ in test]), torch.tensor([b for _, b in test])
for epoch in range(12):
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(xt).argmax(1) == yt).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
