import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
MAX_ITEMS, DIM = 8, 10
direction = torch.randn(DIM)


def baskets(n):
    """Sets of up to eight items; the target is the largest projection in the set, 0 for an empty one."""
    count = torch.randint(0, MAX_ITEMS + 1, (n,))
    items = torch.randn(n, MAX_ITEMS, DIM)
    present = torch.arange(MAX_ITEMS)[None] < count[:, None]
    score = (items @ direction / DIM ** 0.5).masked_fill(~present, -9).amax(1)
    return items, present, torch.where(count > 0, score, torch.zeros(n))


class SetRegressor(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(DIM, hidden), nn.ReLU(), nn.Linear(hidden, hidden))
        self.score = nn.Linear(hidden, 1)
        self.out = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, items, present):
        h = self.embed(items)
        s = self.score(h).squeeze(-1).masked_fill(~present, -1e4)
        a = s.softmax(1)
        return self.out((a.unsqueeze(-1) * h).sum(1)).squeeze(1)


train = baskets(3000)
test = baskets(1000)
net = SetRegressor()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(3000).split(64):
        items, present, target = (t[idx] for t in train)
        loss = nn.functional.mse_loss(net(items, present), target)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        r2 = 1 - (nn.functional.mse_loss(net(*test[:2]), test[2]) / test[2].var()).item()
    print(epoch, loss.item(), r2)
print(f"final_metric={max(r2, -1.0) if r2 == r2 else -1.0:.4f}")
