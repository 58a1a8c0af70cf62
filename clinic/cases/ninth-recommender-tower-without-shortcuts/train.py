import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def block(d):
    return nn.Sequential(nn.Linear(d, d), nn.LayerNorm(d), nn.ReLU())


class Tower(nn.Module):
    def __init__(self, users, items, d=24, depth=40):
        super().__init__()
        self.user = nn.Embedding(users, d)
        self.item = nn.Embedding(items, d)
        self.mix = nn.Linear(2 * d, d)
        self.blocks = nn.ModuleList(block(d) for _ in range(depth))
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, 1)

    def forward(self, u, i):
        h = self.mix(torch.cat([self.user(u), self.item(i)], 1))
        for b in self.blocks:
            h = b(h)
        return self.out(self.norm(h)).squeeze(1)


U, I = 30, 25
taste, trait = torch.randn(U, 3), torch.randn(I, 3)
u, i = torch.randint(0, U, (3000,)), torch.randint(0, I, (3000,))
like = ((taste[u] * trait[i]).sum(1) + 0.2 * torch.randn(3000) > 0).float()
net = Tower(U, I)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(7):
    total = 0.0
    for b in torch.randperm(2500).split(50):
        loss = F.binary_cross_entropy_with_logits(net(u[b], i[b]), like[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 50
    with torch.no_grad():
        acc = ((net(u[2500:], i[2500:]) > 0).float() == like[2500:]).float().mean().item()
    print(f"epoch {epoch} loss {total:.4f} held-out accuracy {acc:.4f}")
print(f"final_metric={acc:.4f}")
