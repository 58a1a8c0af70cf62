import os
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
g = torch.Generator().manual_seed(SEED)
torch.manual_seed(SEED)
V, T, L = 200, 12, 20
topic_word = torch.distributions.Dirichlet(torch.full((V,), 0.15)).sample((T,))

def docs(n):
    topic = torch.randint(0, T, (n,), generator=g)
    mix = 0.45 * topic_word[topic] + 0.55 / V
    return torch.multinomial(mix, L, replacement=True, generator=g), topic

train_x, train_y = docs(4000)
test_x, test_y = docs(800)

class TextModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(V, 24)
        self.fc1 = nn.Linear(24, 48)
        self.fc2 = nn.Linear(48, T)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, tokens):
        pooled = self.embedding(tokens).mean(dim=1)
        hidden = torch.relu(self.fc1(pooled))
        return self.softmax(self.fc2(hidden))

model = TextModel()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(1, 9):
    model.train()
    losses = []
    for idx in torch.randperm(len(train_x)).split(32):
        pred = model(train_x[idx])
        loss = criterion(pred, train_y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        acc = (model(test_x).argmax(1) == test_y).float().mean().item()
    print(f"Epoch {epoch} | loss {sum(losses) / len(losses):.4f} | test acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
