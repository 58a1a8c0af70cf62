import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class BagOfCounts(Dataset):
    """Documents of 60 words from 3 topics over 100 words; standardised counts."""

    def __init__(self, n, topics):
        self.y = torch.randint(0, 3, (n,))
        p = topics[self.y]
        words = torch.multinomial(p, 60, replacement=True)
        x = torch.zeros(n, topics.shape[1]).scatter_add_(1, words, torch.ones(words.shape))
        self.x = (x - 0.6) / 0.8

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class DocNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(100, 64)
        self.l2 = nn.Linear(64, 64)
        self.l3 = nn.Linear(64, 64)
        self.l4 = nn.Linear(64, 64)
        self.out = nn.Linear(64, 3)
        self.apply(self._init_weights)

    def _init_weights(self, m):
        if isinstance(m, nn.Linear):
            nn.init.xavier_uniform_(m.weight, gain=nn.init.calculate_gain("relu"))
            nn.init.zeros_(m.bias)

    def forward(self, x):
        for l in (self.l1, self.l2, self.l3, self.l4):
            x = F.relu(l(x))
        return self.out(x)


topics = torch.softmax(0.5 * torch.randn(3, 100), -1)
train_ds, val_ds = BagOfCounts(900, topics), BagOfCounts(500, topics)
net = DocNet()
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
for epoch in range(14):
    for x, y in DataLoader(train_ds, batch_size=30, shuffle=True):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch:2d} last batch loss {loss.item():.4f}")
with torch.no_grad():
    ok = (net(val_ds.x).argmax(-1) == val_ds.y).float().mean()
print(f"final_metric={ok.item():.4f}")
