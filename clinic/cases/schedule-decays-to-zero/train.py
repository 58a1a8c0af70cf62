# Character-level tagging of synthetic 'words': is the letter part of a doubled pair?
import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

n, length, alphabet = 1800, 14, 7
words = np.random.randint(0, alphabet, (n, length))
same = words[:, 1:] == words[:, :-1]
tags = np.zeros((n, length), dtype=np.int64)
tags[:, 1:] |= same
tags[:, :-1] |= same
words, tags = torch.tensor(words), torch.tensor(tags)
w_train, t_train, w_val, t_val = words[:1500], tags[:1500], words[1500:], tags[1500:]


class BiLSTMTagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.char = nn.Embedding(alphabet, 16)
        self.lstm = nn.LSTM(16, 24, bidirectional=True, batch_first=True)
        self.tag = nn.Linear(48, 2)

    def forward(self, w):
        return self.tag(self.lstm(self.char(w))[0])


EPOCHS, BATCH = 12, 50
model = BiLSTMTagger()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: max(0.0, 1 - step / (2 * EPOCHS)))
loss_fn = nn.CrossEntropyLoss()

for epoch in range(EPOCHS):
    model.train()
    for b in torch.randperm(1500).split(BATCH):
        logits = model(w_train[b])
        loss = loss_fn(logits.flatten(0, 1), t_train[b].flatten())
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    model.eval()
    with torch.no_grad():
        pred = model(w_val).argmax(-1)
        tp = ((pred == 1) & (t_val == 1)).sum().item()
        f1 = 2 * tp / max(1, (pred == 1).sum().item() + (t_val == 1).sum().item())
    print(f"epoch {epoch + 1:2d} loss {loss.item():.4f} val F1 {f1:.4f}")

print(f"final_metric={f1:.4f}")
