import os
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)

LENGTH, SYMBOLS = 50, 4


def make_set(n):
    """symbols 0..3 are questions (first place only), 4..7 are distractors"""
    q = torch.randint(0, SYMBOLS, (n, 1))
    rest = torch.randint(SYMBOLS, 2 * SYMBOLS, (n, LENGTH - 1))
    return TensorDataset(torch.cat([q, rest], 1), q[:, 0])


class Recall(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.embed = nn.Embedding(2 * SYMBOLS, dim)
        self.rnn = nn.RNN(dim, dim, batch_first=True)
        self.answer = nn.Linear(dim, SYMBOLS)

    def forward(self, tokens):
        states, last = self.rnn(self.embed(tokens))
        return self.answer(last[0] + states.mean(1))


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(t).argmax(1) == a).float().sum().item() for t, a in loader) / len(loader.dataset)


train_loader = DataLoader(make_set(2400), batch_size=60, shuffle=True)
val_loader = DataLoader(make_set(600), batch_size=200)
model = Recall()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(12):
    model.train()
    for tokens, answers in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(tokens), answers)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f} val acc {accuracy(model, val_loader):.4f}")

print(f"final_metric={accuracy(model, val_loader):.4f}")
