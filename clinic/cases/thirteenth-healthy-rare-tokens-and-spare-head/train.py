import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, USED, LEN = 1000, 150, 10
polarity = torch.randn(USED)


def batch(n):
    ids = (torch.rand(n, LEN) ** 2 * USED).long()
    return ids, (polarity[ids].sum(1) > 0).long()


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 16)
        self.body = nn.Sequential(nn.Linear(16, 32), nn.ReLU())
        self.sentiment = nn.Linear(32, 2)
        self.language = nn.Linear(32, 8)  # for the next data release

    def forward(self, ids, task="sentiment"):
        h = self.body(self.emb(ids).mean(1))
        return getattr(self, task)(h)


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(800):
    ids, y = batch(64)
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(ids), y)
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    ids, y = batch(1500)
    print(f"final_metric={(model(ids).argmax(1) == y).float().mean():.4f}")
