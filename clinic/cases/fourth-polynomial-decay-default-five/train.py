import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
EPOCHS = 40
VOCAB = 12


class Seq2Seq(nn.Module):
    """Reads a sentence, writes it backwards."""

    def __init__(self, width=48):
        super().__init__()
        self.embed = nn.Embedding(VOCAB + 1, width)
        self.encoder = nn.GRU(width, width, batch_first=True)
        self.decoder = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(width, VOCAB)

    def forward(self, source, shifted):
        _, state = self.encoder(self.embed(source))
        hidden, _ = self.decoder(self.embed(shifted), state)
        return self.out(hidden)


def batch(n):
    source = torch.randint(VOCAB, (n, 5))
    target = source.flip(1)
    return source, torch.cat([torch.full((n, 1), VOCAB), target[:, :-1]], 1), target


model = Seq2Seq()
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.PolynomialLR(optimizer)
for epoch in range(EPOCHS):
    for _ in range(12):
        source, shifted, target = batch(64)
        loss = F.cross_entropy(model(source, shifted).flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
    if epoch % 5 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f}")
source, shifted, target = batch(500)
with torch.no_grad():
    print(f"final_metric={(model(source, shifted).argmax(-1) == target).float().mean().item():.4f}")
