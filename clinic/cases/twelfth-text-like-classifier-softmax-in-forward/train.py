import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN, K = 400, 20, 24
topic_words = torch.randint(0, VOCAB, (K, 15))


def documents(n):
    y = torch.randint(0, K, (n,))
    x = torch.randint(0, VOCAB, (n, LEN))
    own = topic_words[y][torch.arange(n)[:, None], torch.randint(0, 15, (n, LEN))]
    x = torch.where(torch.rand(n, LEN) < 0.45, own, x)
    return x, y


class TextClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 24)
        self.fc1 = nn.Linear(24, 48)
        self.fc2 = nn.Linear(48, K)

    def forward(self, x):
        h = self.embedding(x).mean(1)
        h = F.relu(self.fc1(h))
        return F.softmax(self.fc2(h), dim=1)


train, test = documents(4000), documents(600)
loader = DataLoader(TensorDataset(*train), batch_size=50, shuffle=True)
model = TextClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(4):
    model.train()
    run = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        out = model(x)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        run += loss.item()
    model.eval()
    with torch.no_grad():
        acc = (model(test[0]).argmax(1) == test[1]).float().mean().item()
    print(f"epoch {epoch + 1}: loss {run / len(loader):.4f} accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
