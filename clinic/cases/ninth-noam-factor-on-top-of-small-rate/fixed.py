import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
D, WARMUP, V, T = 32, 100, 10, 8


def noam(step):
    step = max(step, 1)
    return D ** -0.5 * min(step ** -0.5, step * WARMUP ** -1.5)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok = nn.Embedding(V, D)
        self.pos = nn.Parameter(torch.randn(T, D) * 0.1)
        layer = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(D, V)

    def forward(self, s):
        return self.out(self.enc(self.tok(s) + self.pos))


src = torch.randint(0, V, (4000, T))
tgt = src.flip(1)
model = Encoder()
optimizer = torch.optim.Adam(model.parameters(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, noam)
for epoch in range(7):
    model.train()
    total = 0.0
    for idx in torch.randperm(3600).split(40):
        loss = F.cross_entropy(model(src[idx]).flatten(0, 1), tgt[idx].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        total += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(src[3600:]).argmax(-1) == tgt[3600:]).float().mean().item()
    print(f"epoch {epoch} loss {total / 90:.4f} token accuracy {acc:.4f}")
print(f"final_metric={acc:.4f}")
