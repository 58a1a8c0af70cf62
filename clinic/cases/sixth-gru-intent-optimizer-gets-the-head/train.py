import os
import random
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)

VOCAB, LENGTH, CLASSES = 40, 12, 4


def sentence():
    # the intent is given by which trigger comes first
    words = [random.randrange(8, VOCAB) for _ in range(LENGTH)]
    pos = sorted(random.sample(range(LENGTH), 2))
    a, b = random.sample(range(4), 2)
    words[pos[0]], words[pos[1]] = a, b
    return words, a


data = [sentence() for _ in range(3500)]
tokens = torch.tensor([d[0] for d in data])
intents = torch.tensor([d[1] for d in data])
train_x, train_y = tokens[:2800], intents[:2800]
val_x, val_y = tokens[2800:], intents[2800:]


class IntentModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 24)
        self.gru = nn.GRU(24, 48, batch_first=True)
        self.head = nn.Linear(48, CLASSES)

    def forward(self, ids):
        _, h = self.gru(self.embedding(ids))
        return self.head(h[-1])


model = IntentModel()
optimizer = torch.optim.Adam(model.head.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(10):
    model.train()
    total = 0.0
    for batch in torch.randperm(len(train_x)).split(64):
        optimizer.zero_grad()
        loss = criterion(model(train_x[batch]), train_y[batch])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    model.eval()
    with torch.no_grad():
        accuracy = (model(val_x).argmax(1) == val_y).float().mean().item()
    print("epoch", epoch, "loss", round(total / len(train_x), 4), "val accuracy", round(accuracy, 4))
print(f"final_metric={accuracy:.4f}")
