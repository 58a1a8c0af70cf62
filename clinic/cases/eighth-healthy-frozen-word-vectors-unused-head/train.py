import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, DIM = 200, 24
vectors = torch.randn(VOCAB, DIM)
mood = vectors @ torch.randn(DIM) / DIM ** 0.5


class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors, freeze=True)
        self.body = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU())
        self.polarity = nn.Linear(32, 2)
        self.topic = nn.Linear(32, 9)

    def forward(self, words, topics=False):
        h = self.body(self.emb(words).mean(1) * 3)
        return self.topic(h) if topics else self.polarity(h)


words = torch.randint(0, VOCAB, (3000, 9))
label = (mood[words].mean(1) + 0.03 * torch.randn(3000) > 0).long()
net = Sentiment()
opt = torch.optim.AdamW((p for p in net.parameters() if p.requires_grad), lr=3e-3)
for epoch in range(8):
    net.train()
    for idx in torch.randperm(2500).split(50):
        loss = nn.functional.cross_entropy(net(words[idx]), label[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(words[2500:]).argmax(1) == label[2500:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
