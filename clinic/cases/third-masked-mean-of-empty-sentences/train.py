import os, random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

seed = int(os.environ.get("SEED", 0)); random.seed(seed); torch.manual_seed(seed)
PAD = 0
def sentence():
    label = random.randint(0, 1)
    n = random.choice([0] + list(range(3, 20)) * 4)      # users sometimes send an empty review
    good, bad = range(1, 21), range(21, 41)
    pool = good if label else bad
    return [random.choice(pool) if random.random() < .3 else random.randint(41, 99) for _ in range(n)], label
train = [sentence() for _ in range(2500)]
test = [sentence() for _ in range(500)]

def collate(b):
    return pad_sequence([torch.tensor(s, dtype=torch.long) for s, _ in b], batch_first=True), torch.tensor([l for _, l in b])

class Reviews(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.embed = nn.Embedding(100, d, padding_idx=PAD)
        self.mlp = nn.Sequential(nn.Linear(d, 24), nn.GELU(), nn.Linear(24, 2))
    def forward(self, ids):
        mask = (ids != PAD).float().unsqueeze(-1)
        pooled = (self.embed(ids) * mask).sum(1) / mask.sum(1)
        return self.mlp(pooled)

m = Reviews()
opt = torch.optim.Adam(m.parameters(), lr=2e-3)
for ep in range(5):
    tot = 0.
    for ids, y in DataLoader(train, 50, shuffle=True, collate_fn=collate):
        loss = nn.functional.cross_entropy(m(ids), y)
        opt.zero_grad(); loss.backward(); opt.step(); tot += loss.item()
    print("epoch", ep, "mean loss", tot / 50)
with torch.no_grad():
    ids, y = collate(test)
    lg = m(ids); print("test loss", nn.functional.cross_entropy(lg, y).item())
    print("final_metric=%.4f" % (lg.argmax(1) == y).float().mean().item())
