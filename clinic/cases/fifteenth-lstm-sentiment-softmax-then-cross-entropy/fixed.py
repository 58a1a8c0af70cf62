import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN, CLASSES = 150, 14, 30


def corpus(n):
    # the topic has five keywords, two or three of them are somewhere in the sentence
    topic = torch.randint(0, CLASSES, (n,))
    s = torch.randint(0, VOCAB, (n, LEN))
    for _ in range(5):
        pos = torch.randint(0, LEN, (n,))
        s[torch.arange(n), pos] = topic * 5 + torch.randint(0, 5, (n,))
    return s, topic


class TopicLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, 24)
        self.lstm = nn.LSTM(24, 48, batch_first=True)
        self.out = nn.Linear(48, CLASSES)

    def forward(self, s):
        h, _ = self.lstm(self.emb(s))
        return self.out(h.mean(1))


train_x, train_y = corpus(4000)
test_x, test_y = corpus(1000)
model = TopicLSTM()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(9):
    p = torch.randperm(4000)
    for i in range(0, 4000, 50):
        b = p[i:i + 50]
        optimizer.zero_grad()
        loss = criterion(model(train_x[b]), train_y[b])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(test_x).argmax(1) == test_y).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
