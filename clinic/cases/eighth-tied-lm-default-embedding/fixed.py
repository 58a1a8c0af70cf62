import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, CONTEXT, DIM = 80, 3, 160

# a Markov language: the next word depends on the last two through word classes
table = torch.distributions.Dirichlet(torch.full((VOCAB,), 0.05)).sample((8, 8))
group = torch.randint(0, 8, (VOCAB,))


def text(n):
    words = [0, 1]
    for _ in range(n):
        words.append(int(torch.multinomial(table[group[words[-2]], group[words[-1]]], 1)))
    return torch.tensor(words)


corpus = text(9000)
windows = corpus.unfold(0, CONTEXT + 1, 1)
windows = windows[torch.randperm(len(windows))]
train, dev = windows[:7500], windows[7500:]


class TiedLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, DIM)
        self.body = nn.Sequential(nn.Linear(CONTEXT * DIM, DIM), nn.GELU(), nn.Linear(DIM, DIM), nn.LayerNorm(DIM))
        nn.init.normal_(self.emb.weight, std=0.05)
        self.out = nn.Linear(DIM, VOCAB, bias=False)
        self.out.weight = self.emb.weight

    def forward(self, ctx):
        return self.out(self.body(self.emb(ctx).flatten(1)))


lm = TiedLM()
opt = torch.optim.AdamW(lm.parameters(), lr=1e-3)
for epoch in range(4):
    lm.train()
    for batch in train[torch.randperm(len(train))].split(75):
        loss = F.cross_entropy(lm(batch[:, :-1]), batch[:, -1])
        opt.zero_grad()
        loss.backward()
        opt.step()
    lm.eval()
    with torch.no_grad():
        nll = F.cross_entropy(lm(dev[:, :-1]), dev[:, -1]).item()
    print(f"epoch {epoch} train nll {loss.item():.3f} dev nll {nll:.3f}")
print(f"final_metric={-nll:.4f}")
