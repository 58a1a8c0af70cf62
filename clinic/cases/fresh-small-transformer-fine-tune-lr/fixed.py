import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def brackets(n, L=14):
    """Is the deepest nesting of this bracket string > 3? (0 = '(', 1 = ')')"""
    x = torch.randint(0, 2, (n, L))
    depth = torch.where(x == 0, 1, -1).cumsum(1).max(1).values
    return x, (depth > 2).long()


class Encoder(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.tok = nn.Embedding(2, d)
        self.pos = nn.Embedding(14, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.cls = nn.Linear(d, 2)

    def forward(self, x):
        h = self.tok(x) + self.pos(torch.arange(x.shape[1]))
        return self.cls(self.enc(h).mean(1))


train_x, train_y = brackets(3000)
dev_x, dev_y = brackets(600)
model = Encoder()
no_decay = [p for p in model.parameters() if p.ndim < 2]
decay = [p for p in model.parameters() if p.ndim >= 2]
optimizer = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.01}, {"params": no_decay, "weight_decay": 0.0}], lr=2e-3, eps=1e-8)
for step in range(450):
    b = torch.randint(0, 3000, (32,))
    loss = nn.functional.cross_entropy(model(train_x[b]), train_y[b])
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    if step % 90 == 0:
        print("step", step, "loss", loss.item())
model.eval()
with torch.no_grad():
    y_hat = model(dev_x).argmax(1)
recalls = [(y_hat[dev_y == c] == c).float().mean().item() for c in (0, 1)]
print("final_metric=%.4f" % (sum(recalls) / 2))
