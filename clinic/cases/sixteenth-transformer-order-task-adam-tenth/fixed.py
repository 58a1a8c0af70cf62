import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
hp = dict(lr=2e-3, d=24, heads=2, steps=400, bs=64)


def make(n):
    x = torch.randint(1, 12, (n, 8))
    y = (x == x.max(1, keepdim=True).values).sum(1).clamp(max=3) - 1      # how often the maximum occurs
    return x, y


class Counter(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.tok = nn.Embedding(12, d)
        layer = nn.TransformerEncoderLayer(d, heads, 2 * d, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.cls = nn.Linear(d, 3)

    def forward(self, x):
        return self.cls(self.enc(self.tok(x)).mean(1))


net = Counter(hp["d"], hp["heads"])
opt = torch.optim.Adam(net.parameters(), lr=hp["lr"])
xv, yv = make(1000)
for s in range(hp["steps"]):
    x, y = make(hp["bs"])
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if s % 50 == 49:
        net.eval()
        with torch.no_grad():
            acc = (net(xv).argmax(1) == yv).float().mean().item()
        net.train()
        print(s + 1, f"{loss.item():.3f}", f"{acc:.3f}")
print(f"final_metric={acc:.4f}")
