import os

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Reviews(Dataset):
    """Token ids, 0 = padding, 1..59 words; every word has a polarity."""

    def __init__(self, n, polarity, max_len=20):
        self.ids = torch.zeros(n, max_len, dtype=torch.long)
        for i in range(n):
            k = int(torch.randint(0, max_len + 1, (1,)))
            self.ids[i, :k] = torch.randint(1, 60, (k,))
        score = polarity[self.ids].sum(1)
        self.labels = (score > 0).long()

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return self.ids[i], self.labels[i]


polarity = torch.randn(60)
polarity[0] = 0.0
train_loader = DataLoader(Reviews(1600, polarity), batch_size=32, shuffle=True)
val_loader = DataLoader(Reviews(400, polarity), batch_size=200)


class MeanPoolClassifier(nn.Module):
    def __init__(self, dim=24):
        super().__init__()
        self.emb = nn.Embedding(60, dim, padding_idx=0)
        self.proj = nn.Linear(dim, dim)
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, 2)

    def forward(self, ids):
        mask = (ids != 0).float().unsqueeze(-1)
        h = torch.relu(self.proj(self.emb(ids))) * mask
        pooled = h.sum(1) / mask.sum(1).clamp(min=1)
        return self.out(self.norm(pooled))


model = MeanPoolClassifier()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
criterion = nn.CrossEntropyLoss()

for epoch in range(8):
    model.train()
    for ids, labels in train_loader:
        loss = criterion(model(ids), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    good = 0
    with torch.no_grad():
        for ids, labels in val_loader:
            good += (model(ids).argmax(1) == labels).sum().item()
    acc = good / 400
    print(f"epoch {epoch} loss {loss.item():.3f} val acc {acc:.3f}")

print(f"final_metric={acc:.4f}")
