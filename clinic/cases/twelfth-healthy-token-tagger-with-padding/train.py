import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, PAD = 20, 0


def sentences(n, longest=14):
    x = torch.randint(1, V, (n, longest))
    length = torch.randint(6, longest + 1, (n,))
    mask = torch.arange(longest)[None] < length[:, None]
    prev = torch.cat([torch.ones(n, 1, dtype=torch.long), x[:, :-1]], 1)
    y = (x >= 10).long() + 2 * (prev >= 10).long()
    return x.masked_fill(~mask, PAD), y.masked_fill(~mask, -100)


class Tagger(nn.Module):
    def __init__(self, d=16, h=24):
        super().__init__()
        self.emb = nn.Embedding(V, d, padding_idx=PAD)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.out = nn.Linear(h, 4)

    def forward(self, x):
        return self.out(self.gru(self.emb(x))[0])


model = Tagger()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss(ignore_index=-100)
X, y = sentences(2000)
Xv, yv = sentences(500)
for epoch in range(6):
    model.train()
    for idx in torch.randperm(2000).split(50):
        loss = loss_fn(model(X[idx]).flatten(0, 1), y[idx].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        pred = model(Xv).argmax(-1)
    acc = (pred == yv)[yv >= 0].float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
