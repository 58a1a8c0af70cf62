import argparse
import os
import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--steps", type=int, default=260)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
args = parser.parse_args()
torch.manual_seed(args.seed)

VOCAB, LEN, CLASSES = 20, 16, 4


def get_batch(n):
    """Which of the tokens 0..3 occurs most often?"""
    x = torch.randint(0, VOCAB, (n, LEN))
    y = torch.randint(0, CLASSES, (n,))
    extra = torch.rand(n, LEN) < 0.3
    x = torch.where(extra, y[:, None].expand(-1, LEN), x)
    counts = torch.stack([(x == c).sum(1) for c in range(CLASSES)], 1)
    return x, counts.argmax(1)


class TokenClassifier(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim)
        self.pos = nn.Parameter(0.02 * torch.randn(1, LEN, dim))
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, x):
        h = self.encoder(self.emb(x) + self.pos)
        return self.head(h.mean(1)).log_softmax(-1)


model = TokenClassifier()
optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr)
criterion = nn.NLLLoss()
x_val, y_val = get_batch(1000)
for step in range(args.steps):
    model.train()
    x, y = get_batch(args.batch_size)
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    acc = (model(x_val).argmax(1) == y_val).float().mean().item()
print(f"final_metric={acc:.4f}")
