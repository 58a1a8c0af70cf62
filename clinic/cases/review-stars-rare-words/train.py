import os
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)

GOOD = list(range(2, 42))
BAD = list(range(42, 82))
OTHER = list(range(82, 600))


def review():
    mood = random.gauss(0, 1)
    n = random.randint(6, 14)
    words = []
    for _ in range(n):
        if random.random() < 0.5:
            words.append(random.choice(GOOD if random.gauss(0, 0.6) < mood else BAD))
        else:
            words.append(random.choice(OTHER))
    return torch.tensor(words), mood + 0.3 * random.gauss(0, 1)


def collate(batch):
    return pad_sequence([w for w, _ in batch], batch_first=True), torch.tensor([s for _, s in batch])


class StarNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(600, 64, padding_idx=0)
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 1)

    def forward(self, w):
        mask = (w != 0).float().unsqueeze(-1)
        h = (self.embed(w) * mask).sum(1) / mask.sum(1).sqrt()
        return self.fc2(torch.relu(self.fc1(h))).squeeze(1)


train = [review() for _ in range(500)]
valid = [review() for _ in range(1000)]
train_dl = DataLoader(train, batch_size=20, shuffle=True, collate_fn=collate)
valid_dl = DataLoader(valid, batch_size=250, collate_fn=collate)

model = StarNet()
opt = torch.optim.RMSprop(model.parameters(), lr=5e-4)


def evaluate():
    model.eval()
    preds, gold = [], []
    with torch.no_grad():
        for w, s in valid_dl:
            preds.append(model(w))
            gold.append(s)
    p, g = torch.cat(preds), torch.cat(gold)
    return 1 - ((p - g) ** 2).mean().item() / g.var().item()


n_epochs = 50
for epoch in range(n_epochs):
    model.train()
    tot = 0
    for w, s in train_dl:
        opt.zero_grad()
        loss = ((model(w) - s) ** 2).mean()
        loss.backward()
        opt.step()
        tot += loss.item()
    r2 = evaluate()
    print("epoch", epoch, "train mse", round(tot / len(train_dl), 4), "valid R2", round(r2, 4))

print("final_metric=%.4f" % r2)
