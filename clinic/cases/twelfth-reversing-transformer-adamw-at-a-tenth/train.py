import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN, D = 10, 8, 32


def batch(n):
    x = torch.randint(0, VOCAB, (n, LEN))
    return x, x.flip(1)


class TinyTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(VOCAB, D)
        self.pos = nn.Parameter(torch.randn(LEN, D) * 0.5)
        layer = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(D, VOCAB)

    def forward(self, x):
        return self.out(self.enc(self.tok(x) + self.pos))


model = TinyTransformer()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-1)
for step in range(1, 301):
    x, y = batch(64)
    loss = nn.functional.cross_entropy(model(x).transpose(1, 2), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(f"step {step} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    x, y = batch(500)
    acc = (model(x).argmax(-1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
