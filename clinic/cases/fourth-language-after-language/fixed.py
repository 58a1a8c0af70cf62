import os
import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, RandomSampler, SequentialSampler, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
LANGUAGES, LETTERS, LENGTH = 6, 20, 24
bigrams = torch.softmax(1.2 * torch.randn(LANGUAGES, LETTERS, LETTERS), -1)


def corpus(language, n):
    text = [torch.randint(LETTERS, (n,))]
    for _ in range(LENGTH - 1):
        text.append(torch.multinomial(bigrams[language][text[-1]], 1).squeeze(1))
    return TensorDataset(torch.stack(text, 1), torch.full((n,), language))


train = ConcatDataset([corpus(k, 300) for k in range(LANGUAGES)])
test = ConcatDataset([corpus(k, 80) for k in range(LANGUAGES)])


class LanguageId(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(LETTERS, 16)
        self.conv = nn.Conv1d(16, 48, 2)
        self.head = nn.Linear(48, LANGUAGES)

    def forward(self, text):
        return self.head(torch.relu(self.conv(self.embed(text).transpose(1, 2))).mean(2))


model = LanguageId()
loader = DataLoader(train, batch_size=30, sampler=RandomSampler(train))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(10):
    total = 0.0
    for text, language in loader:
        loss = nn.functional.cross_entropy(model(text), language)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: mean loss {total / len(loader):.4f}")
text, language = next(iter(DataLoader(test, batch_size=len(test))))
with torch.no_grad():
    print(f"final_metric={(model(text).argmax(1) == language).float().mean().item():.4f}")
