import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
USERS, SONGS, RANK = 150, 200, 6
taste, style = torch.randn(USERS, RANK), torch.randn(SONGS, RANK)
pairs = torch.cartesian_prod(torch.arange(USERS), torch.arange(SONGS))
score = (taste[pairs[:, 0]] * style[pairs[:, 1]]).sum(1) / RANK ** 0.5 + 0.15 * torch.randn(len(pairs))
order = torch.randperm(len(pairs))
tr, va = order[:18000], order[18000:22000]


class MF(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.user = nn.Embedding(USERS, dim)
        self.song = nn.Embedding(SONGS, dim)
        self.bu = nn.Embedding(USERS, 1)
        self.bs = nn.Embedding(SONGS, 1)
        for e in (self.user, self.song):
            nn.init.normal_(e.weight, std=0.1)
        nn.init.zeros_(self.bu.weight)
        nn.init.zeros_(self.bs.weight)

    def forward(self, u, s):
        return (self.user(u) * self.song(s)).sum(1) + self.bu(u)[:, 0] + self.bs(s)[:, 0]


model = MF()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(14):
    tot = 0
    for b in tr[torch.randperm(len(tr))].split(256):
        loss = nn.functional.mse_loss(model(pairs[b, 0], pairs[b, 1]), score[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        v = nn.functional.mse_loss(model(pairs[va, 0], pairs[va, 1]), score[va]).item()
    print(f'epoch {epoch:2d} train {tot / len(tr):.4f} val {v:.4f}')
print(f'final_metric={1 - v / score[va].var().item():.4f}')
