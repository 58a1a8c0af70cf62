import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
L, V, D, STEPS, WARMUP = 10, 10, 32, 500, 80


def batch(n):
    x = torch.randint(0, V, (n, L))
    return x, x.flip(1)


class Reverser(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, D)
        self.pos = nn.Embedding(L, D)
        layer = nn.TransformerEncoderLayer(D, 2, 64, dropout=0.0, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(D, V)

    def forward(self, x):
        return self.out(self.enc(self.tok(x) + self.pos(torch.arange(L))))


model = Reverser()
opt = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / WARMUP))
xv, yv = batch(500)
for step in range(1, STEPS + 1):
    model.train()
    x, y = batch(64)
    loss = nn.functional.cross_entropy(model(x).reshape(-1, V), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    warm.step()
    if step % 100 == 0:
        model.eval()
        with torch.no_grad():
            acc = (model(xv).argmax(-1) == yv).float().mean().item()
        print(f"step {step} loss {loss.item():.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
