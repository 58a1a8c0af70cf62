import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
U, I = 300, 400
cu, ci = torch.randint(0, 6, (U,)), torch.randint(0, 6, (I,))
aff = .05 + .95 * torch.eye(6)
pop = torch.rand(I) + .2
prob = aff[cu][:, ci] * pop
buy = torch.multinomial(prob, 40)                      # 40 purchases per user, no repeats
train, test = buy[:, :36], buy[:, 36:]
pairs = torch.stack([torch.arange(U)[:, None].expand(-1, 36), train], -1).reshape(-1, 2)


class Towers(nn.Module):
    def __init__(self, d=16):
        super().__init__()
        self.u, self.i = nn.Embedding(U, d), nn.Embedding(I, d)
        nn.init.normal_(self.u.weight, std=.1)
        nn.init.normal_(self.i.weight, std=.1)
        self.b = nn.Embedding(I, 1)
        nn.init.zeros_(self.b.weight)

    def forward(self, u, i):
        return (self.u(u) * self.i(i)).sum(-1) + self.b(i)[..., 0]


net = Towers()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(6):
    tot = 0.
    for b in torch.randperm(len(pairs)).split(128):
        u, i = pairs[b].T
        neg = torch.randint(0, I, (len(b),))
        loss = -nn.functional.logsigmoid(net(u, i) - net(u, neg)).mean()      # BPR
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / len(pairs)
    with torch.no_grad():
        s = net(torch.arange(U)[:, None].expand(U, I), torch.arange(I).expand(U, I))
        s.scatter_(1, train, -1e9)
        pos = s.gather(1, test)
        auc = (pos[:, :, None] > s[:, None]).float().mean().item()
    print(f'epoch {epoch} bpr {tot:.4f} held-out auc {auc:.4f}')
print(f'final_metric={auc:.4f}')
