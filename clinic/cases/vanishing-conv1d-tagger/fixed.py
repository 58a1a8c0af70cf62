# Tag every position of a symbol sequence: does the symbol equal the one two places before?
import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(SEED)
torch.manual_seed(SEED)

VOCAB, T = 6, 24


def sample(n):
    x = rng.randint(0, VOCAB, size=(n, T))
    copy = rng.rand(n, T) < 0.4
    for t in range(2, T):
        x[:, t] = np.where(copy[:, t], x[:, t - 2], x[:, t])
    y = np.zeros_like(x)
    y[:, 2:] = (x[:, 2:] == x[:, :-2])
    return torch.as_tensor(x), torch.as_tensor(y)


class Tagger(nn.Module):
    def __init__(self, ch=32, n_layers=8):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, ch)
        self.convs = nn.ModuleList([nn.Conv1d(ch, ch, 3, padding=1) for _ in range(n_layers)])
        self.cls = nn.Conv1d(ch, 2, 1)

    def forward(self, tokens):
        h = self.emb(tokens).transpose(1, 2)
        for conv in self.convs:
            h = torch.relu(conv(h))
        return self.cls(h)


xtr, ytr = sample(800)
xva, yva = sample(200)
model = Tagger()
optimizer = torch.optim.RMSprop(model.parameters(), lr=5e-4)
BS = 32

for epoch in range(14):
    model.train()
    perm = torch.randperm(len(xtr))
    losses = []
    for b in perm.split(BS):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xtr[b]), ytr[b])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(xva).argmax(1) == yva)[:, 2:].float().mean().item()
    print("epoch", epoch, "loss %.4f" % np.mean(losses), "val acc %.4f" % acc)

print("final_metric=%.4f" % acc)
