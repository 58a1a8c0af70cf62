import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))

V, L = 200, 15
tone = torch.randn(V)


def reviews(n):
    words = torch.randint(0, V, (n, L))
    score = tone[words].mean(1)
    stars = torch.bucketize(score, torch.tensor([-0.22, -0.065, 0.065, 0.22]))
    return words, stars


xtr, ytr = reviews(5000)
xva, yva = reviews(1000)


class BagOfWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.EmbeddingBag(V, 64, mode="mean")
        self.drop1 = nn.Dropout(0.5)
        self.hid = nn.Linear(64, 128)
        self.drop2 = nn.Dropout(0.5)
        self.out = nn.Linear(128, 5)

    def forward(self, ids):
        h = self.drop1(self.emb(ids))
        h = self.drop2(torch.relu(self.hid(h)))
        return self.out(h)


model = BagOfWords()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()
train_loader = DataLoader(TensorDataset(xtr, ytr), batch_size=64, shuffle=True)
val_loader = DataLoader(TensorDataset(xva, yva), batch_size=250)


def train_one_epoch():
    model.train()
    total = 0.0
    for ids, stars in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(ids), stars)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(train_loader)


@torch.no_grad()
def evaluate():
    model.eval()
    hits = 0
    for ids, stars in val_loader:
        hits += (model(ids).argmax(1) == stars).sum().item()
    return hits / len(xva)


for epoch in range(12):
    tl = train_one_epoch()
    va = evaluate()
    print(f"epoch {epoch}: train {tl:.4f}, val acc {va:.4f}")
print(f"final_metric={va:.4f}")
