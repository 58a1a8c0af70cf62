import os
import torch
from torch import nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
VOCAB, CONTEXT, DIM = 14, 16, 32
WARMUP_STEPS = 50
TOTAL_STEPS = 300

table = torch.softmax(2.5 * torch.randn(VOCAB, VOCAB), 1)


def corpus(n):
    """Sequences of a first-order Markov chain."""
    x = torch.empty(n, CONTEXT + 1, dtype=torch.long)
    x[:, 0] = torch.randint(0, VOCAB, (n,))
    for i in range(CONTEXT):
        x[:, i + 1] = torch.multinomial(table[x[:, i]], 1).squeeze(1)
    return x


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, DIM)
        self.pos = nn.Embedding(CONTEXT, DIM)
        self.ln1, self.ln2, self.lnf = nn.LayerNorm(DIM), nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.attn = nn.MultiheadAttention(DIM, 4, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(DIM, 4 * DIM), nn.GELU(), nn.Linear(4 * DIM, DIM))
        self.head = nn.Linear(DIM, VOCAB)
        self.register_buffer("mask", torch.triu(torch.ones(CONTEXT, CONTEXT, dtype=torch.bool), 1))

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.shape[1]))
        q = self.ln1(h)
        h = h + self.attn(q, q, q, attn_mask=self.mask, need_weights=False)[0]
        h = h + self.mlp(self.ln2(h))
        return self.head(self.lnf(h))


data, held_out = corpus(4000), corpus(600)
model = GPT()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, betas=(0.9, 0.98), weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / WARMUP_STEPS))
for step in range(TOTAL_STEPS):
    model.train()
    b = data[torch.randint(0, len(data), (48,))]
    loss = F.cross_entropy(model(b[:, :-1]).flatten(0, 1), b[:, 1:].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f} lr {sched.get_last_lr()[0]:.2e}")
model.eval()
with torch.no_grad():
    nll = F.cross_entropy(model(held_out[:, :-1]).flatten(0, 1), held_out[:, 1:].flatten()).item()
print(f"final_metric={-nll:.4f}")
