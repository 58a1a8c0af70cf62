"""Deep sets on shopping baskets: predict the class of customer. Some baskets are empty."""
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Baskets(Dataset):
    def __init__(self, n, max_items=8):
        self.label = torch.randint(0, 3, (n,))
        self.count = torch.randint(0, max_items + 1, (n,))
        self.count[torch.rand(n) < 0.9] += 1
        self.count.clamp_(max=max_items)
        price = torch.randn(n, max_items, 4)
        price[..., 0] += (self.label[:, None] - 1) * 1.2
        price[..., 1] *= 0.5 + 0.7 * self.label[:, None]
        self.items = price

    def __len__(self):
        return len(self.label)

    def __getitem__(self, i):
        mask = torch.arange(self.items.size(1)) < self.count[i]
        return self.items[i] * mask[:, None], mask.float(), self.label[i]


class DeepSet(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.rho = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))

    def forward(self, x, mask):
        h = self.phi(x) * mask[..., None]
        pooled = h.sum(1) / mask.sum(1, keepdim=True)
        return self.rho(pooled)


train, test = Baskets(1600), Baskets(500)
loader = DataLoader(train, batch_size=40, shuffle=True)
model = DeepSet()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(8):
    for x, m, y in loader:
        loss = nn.functional.cross_entropy(model(x, m), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    hits = [(model(x, m).argmax(1) == y).float().mean() for x, m, y in DataLoader(test, batch_size=500)]
print(f"final_metric={hits[0].item():.4f}")
