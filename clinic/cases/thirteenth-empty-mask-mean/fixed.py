import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, PAD, MAXLEN = 60, 0, 10


def reviews(n):
    """Token ids with padding; sentiment is the sign of the summed word scores."""
    length = torch.randint(1, MAXLEN + 1, (n,))
    length[torch.rand(n) < 0.004] = 0
    ids = torch.randint(1, VOCAB, (n, MAXLEN))
    ids[torch.arange(MAXLEN)[None] >= length[:, None]] = PAD
    label = (score[ids].sum(1) > 0).float()
    return ids, label


score = torch.randn(VOCAB)
score[PAD] = 0.0


class BagOfWords(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, dim, padding_idx=PAD)
        self.fc1 = nn.Linear(dim, 32)
        self.fc2 = nn.Linear(32, 1)

    def forward(self, ids):
        mask = (ids != PAD).float()
        mean = self.emb(ids).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return self.fc2(torch.relu(self.fc1(mean))).squeeze(1)


train_ids, train_y = reviews(3000)
test_ids, test_y = reviews(1000)
model = BagOfWords()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(10):
    model.train()
    for idx in torch.randperm(len(train_y)).split(64):
        optimizer.zero_grad()
        loss = loss_fn(model(train_ids[idx]), train_y[idx])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    pred = (model(test_ids) > 0).float()
print(f"final_metric={(pred == test_y).float().mean().item():.4f}")
