import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


# matching task: do two short strings contain the same multiset of symbols?
def make(n, L=6, V=5):
    a = torch.randint(0, V, (n, L))
    b = torch.stack([row[torch.randperm(L)] for row in a])
    y = (torch.arange(n) % 2).float()
    swap = torch.randint(0, L, (n,))
    rows = torch.arange(n)
    changed = b.clone()
    changed[rows, swap] = (b[rows, swap] + torch.randint(1, V, (n,))) % V
    b = torch.where(y[:, None] == 1, b, changed)
    return a, b, y


class Matcher(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(5, 16)
        self.fc = nn.Linear(16, 16)
        self.out = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))

    def encode(self, s):
        return torch.relu(self.fc(self.emb(s))).sum(1)

    def forward(self, a, b):
        return self.out((self.encode(a) - self.encode(b)).abs()).squeeze(1)


at, bt, yt = make(2000)
av, bv, yv = make(500)
model = Matcher()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
MAX_NORM = 1e-4

for epoch in range(10):
    model.train()
    for i in torch.randperm(2000).split(50):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(model(at[i], bt[i]), yt[i])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        optimizer.step()
    model.eval()
    with torch.no_grad():
        acc = ((model(av, bv) > 0).float() == yv).float().mean().item()
    print(f"{epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
