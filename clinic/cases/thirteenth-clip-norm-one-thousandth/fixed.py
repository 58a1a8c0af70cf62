import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, LEN = 8, 10


class LanguageModel(nn.Module):
    def __init__(self, hidden=48):
        super().__init__()
        self.embedding = nn.Embedding(VOCAB, 16)
        self.lstm = nn.LSTM(16, hidden, batch_first=True)
        self.decoder = nn.Linear(hidden, VOCAB)

    def forward(self, tokens):
        out, _ = self.lstm(self.embedding(tokens))
        return self.decoder(out)


rule = torch.randint(0, VOCAB, (VOCAB, VOCAB))


def text(n):
    """Every token is a fixed function of the two before it."""
    s = torch.randint(0, VOCAB, (n, LEN))
    for t in range(2, LEN):
        s[:, t] = rule[s[:, t - 2], s[:, t - 1]]
    return s


model = LanguageModel()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
train_text, test_text = text(3000), text(300)
for epoch in range(9):
    for idx in torch.randperm(len(train_text)).split(50):
        s = train_text[idx]
        logits = model(s[:, :-1])
        loss = nn.functional.cross_entropy(logits[:, 1:].flatten(0, 1), s[:, 2:].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    hit = model(test_text[:, :-1]).argmax(-1)[:, 1:] == test_text[:, 2:]
print(f"final_metric={hit.float().mean().item():.4f}")
