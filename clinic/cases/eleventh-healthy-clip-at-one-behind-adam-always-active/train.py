import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def sort_task(n, length=6, vocab=8):
    x = torch.randint(0, vocab, (n, length))
    return x, x.sort(1).values


class SortNet(nn.Module):
    def __init__(self, vocab=8, d=48, length=6):
        super().__init__()
        self.tok = nn.Embedding(vocab, d)
        self.pos = nn.Parameter(torch.randn(length, d) * 0.1)
        layer = nn.TransformerEncoderLayer(d, 4, 96, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(d)
        self.out = nn.Linear(d, vocab)

    def forward(self, x):
        return self.out(self.norm(self.enc(self.tok(x) + self.pos)))


train = DataLoader(TensorDataset(*sort_task(8000)), batch_size=64, shuffle=True)
xv, yv = sort_task(500)
model = SortNet()
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
sched = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min(1.0, (s + 1) / 30))
for epoch in range(3):
    model.train()
    for x, y in train:
        # summed over the positions, so the norm is usually above 1
        loss = F.cross_entropy(model(x).transpose(1, 2), y, reduction="none").sum(1).mean()
        opt.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        sched.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(-1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} grad norm {norm.item():.2f} token acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
