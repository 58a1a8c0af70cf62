import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
START = 10


def dates(n):
    """day, month, year digits -> year-month-day digits."""
    d = torch.randint(10, (n, 8))
    return d, torch.cat([d[:, 4:8], d[:, 2:4], d[:, 0:2]], 1)


class Seq2Seq(nn.Module):
    def __init__(self, w=32):
        super().__init__()
        self.embed, self.place = nn.Embedding(11, w), nn.Embedding(8, w)
        self.encoder = nn.GRU(w, w, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(w, w, batch_first=True)
        self.key, self.query = nn.Linear(2 * w, w), nn.Linear(w, w)
        self.out = nn.Linear(3 * w, 10)

    def forward(self, source, previous):
        place = self.place(torch.arange(8))
        memory, _ = self.encoder(self.embed(source) + place)
        state, _ = self.decoder(self.embed(previous) + place)
        weights = torch.softmax(self.query(state) @ self.key(memory).transpose(1, 2) / 32**0.5, -1)
        return self.out(torch.cat([state, weights @ memory], -1))


def shift(target):
    return F.pad(target[:, :-1], (1, 0), value=START)


model = Seq2Seq()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(150):
    source, target = dates(64)
    loss = F.cross_entropy(model(source, shift(target)).transpose(1, 2), target)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 25 == 0:
        print(step, loss.item())
source, target = dates(400)
with torch.no_grad():
    print(f"final_metric={(model(source, shift(target)).argmax(-1) == target).float().mean().item():.4f}")
