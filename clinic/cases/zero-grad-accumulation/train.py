# Multi-label tagging of short documents, gradients accumulated over 4 micro batches
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

VOCAB, TAGS, LEN = 400, 6, 30


def make(n, tag_words):
    tags = (torch.rand(n, TAGS) < 0.35)
    docs = torch.randint(0, VOCAB, (n, LEN))
    for i in range(n):
        for t in tags[i].nonzero().flatten().tolist():
            where = torch.randperm(LEN)[:3]
            docs[i, where] = tag_words[t][torch.randint(0, 8, (3,))]
    return docs, tags.float()


tag_words = [torch.randperm(VOCAB)[:8] for _ in range(TAGS)]
train_loader = DataLoader(TensorDataset(*make(1600, tag_words)), batch_size=8, shuffle=True)
val_x, val_y = make(400, tag_words)

model = nn.Sequential(nn.EmbeddingBag(VOCAB, 32, mode="mean"), nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, TAGS))
optimizer = torch.optim.SGD(model.parameters(), lr=3.0)
accum = 4

for epoch in range(12):
    model.train()
    for step, (docs, tags) in enumerate(train_loader, 1):
        loss = F.binary_cross_entropy_with_logits(model(docs), tags) / accum
        loss.backward()
        if step % accum == 0:
            optimizer.step()
    model.eval()
    with torch.no_grad():
        p = (model(val_x) > 0).float()
        tp = (p * val_y).sum()
        f1 = (2 * tp / (p.sum() + val_y.sum()).clamp(min=1)).item()
    print(f"epoch {epoch}: loss {loss.item() * accum:.3f} val F1 {f1:.3f}")

print(f"final_metric={f1:.4f}")
