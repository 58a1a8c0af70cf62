import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
ALPHABET, LEN, LANGS = 20, 24, 12

# every 'language' is a Markov chain over letters
chains = torch.softmax(1.6 * torch.randn(LANGS, ALPHABET, ALPHABET), -1)


def words(n):
    lang = torch.randint(0, LANGS, (n,))
    s = torch.zeros(n, LEN, dtype=torch.long)
    s[:, 0] = torch.randint(0, ALPHABET, (n,))
    for t in range(1, LEN):
        s[:, t] = torch.multinomial(chains[lang, s[:, t - 1]], 1).squeeze(1)
    return s, lang


class LangCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(ALPHABET, 16)
        self.conv = nn.Conv1d(16, 64, kernel_size=3)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(64, LANGS)

    def forward(self, s):
        h = torch.relu(self.conv(self.embed(s).transpose(1, 2)))
        h = self.drop(h.mean(-1))
        return torch.softmax(self.fc(h), dim=-1)


xtr, ytr = words(4000)
xva, yva = words(1000)
model = LangCNN()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(6):
    model.train()
    total = 0
    for b in torch.randperm(4000).split(64):
        optimizer.zero_grad()
        loss = criterion(model(xtr[b]), ytr[b])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        acc = (model(xva).argmax(1) == yva).float().mean().item()
    print(f"epoch {epoch} train {total / 4000:.4f} valid acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
