"""Which of two symbols was more frequent? GRU over symbol sequences."""
import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
LEARNING_RATE = 3e-6
EPOCHS = 10


def make_split(n):
    p = torch.rand(n, 1) * 0.6 + 0.2
    x = (torch.rand(n, 15) < p).long()
    y = (x.sum(1) > 7).float()
    return TensorDataset(x, y)


class GRUClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(2, 8)
        self.gru = nn.GRU(8, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        _, h = self.gru(self.embed(x))
        return self.fc(h.squeeze(0)).squeeze(1)


train_dl = DataLoader(make_split(2000), batch_size=50, shuffle=True)
val_dl = DataLoader(make_split(600), batch_size=300)
model = GRUClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
bce = nn.BCEWithLogitsLoss()


def evaluate():
    model.eval()
    hits, n, loss = 0, 0, 0.0
    with torch.no_grad():
        for x, y in val_dl:
            z = model(x)
            loss += bce(z, y).item() * len(y)
            hits += ((z > 0) == (y > 0.5)).sum().item()
            n += len(y)
    return loss / n, hits / n


for epoch in range(EPOCHS):
    model.train()
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = bce(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
    vl, va = evaluate()
    print(f"epoch {epoch} train {loss.item():.4f} val {vl:.4f} acc {va:.4f}")
print(f"final_metric={va:.4f}")
