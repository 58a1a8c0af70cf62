import argparse
import os
import torch
import torch.nn as nn

parser = argparse.ArgumentParser(description="which of four notes sounded most often?")
parser.add_argument("--hidden", type=int, default=32)
parser.add_argument("--lr", type=float, default=5e-3)
parser.add_argument("--epochs", type=int, default=12)
args = parser.parse_args([])
torch.manual_seed(int(os.environ.get("SEED", 0)))


def melodies(n, length=9, notes=4):
    fav = torch.randint(0, notes, (n,))
    s = torch.where(torch.rand(n, length) < 0.35, fav[:, None], torch.randint(0, notes, (n, length)))
    count = nn.functional.one_hot(s, notes).sum(1).float()
    return s, (count + 1e-3 * torch.arange(notes)).argmax(1)


class Melody(nn.Module):
    def __init__(self, hidden, notes=4):
        super().__init__()
        self.emb = nn.Embedding(notes, 8)
        self.gru = nn.GRU(8, hidden, batch_first=True)
        self.out = nn.Linear(hidden, notes)

    def forward(self, s):
        return self.out(self.gru(self.emb(s))[1][0])


x, y = melodies(3000)
xv, yv = melodies(600)
model = Melody(args.hidden)
optim = torch.optim.Adam(model.parameters(), lr=args.lr)
lossf = nn.CrossEntropyLoss()
for epoch in range(args.epochs):
    running = 0
    for b in torch.randperm(3000).split(50):
        optim.zero_grad()
        loss = lossf(model(x[b]), y[b])
        loss.backward()
        optim.step()
        running += loss.item()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch}, loss: {running / 60:.4f}, val acc: {acc:.4f}")
print(f"final_metric={acc:.4f}")
