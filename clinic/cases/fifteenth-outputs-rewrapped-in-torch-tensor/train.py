import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, DIM = 40, 8


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOCAB, DIM)
        self.proj = nn.Linear(DIM, 6)

    def encode_one(self, tokens):
        return self.proj(torch.tanh(self.emb(tokens)).sum(0))

    def forward(self, documents):
        vectors = []
        for doc in documents:
            vectors.append(self.encode_one(doc).tolist())
        return torch.tensor(vectors)


class DocumentClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.head = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 5))

    def forward(self, docs):
        return self.head(self.encoder(docs))


def documents(n):
    docs, labels = [], torch.randint(0, 5, (n,))
    for l in labels.tolist():
        noise = torch.randint(0, VOCAB, (int(torch.randint(4, 9, (1,))),))
        docs.append(torch.cat([noise, l * 8 + torch.randint(0, 8, (5,))]))
    return docs, labels


docs, y = documents(1000)
docs_t, y_t = documents(400)
net = DocumentClassifier()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
lossf = nn.CrossEntropyLoss()
for epoch in range(10):
    perm = torch.randperm(1000)
    for i in range(0, 1000, 40):
        idx = perm[i:i + 40].tolist()
        loss = lossf(net([docs[j] for j in idx]), y[idx])
        opt.zero_grad(); loss.backward(); opt.step()
    print("epoch", epoch, "loss %.3f" % loss.item())
with torch.no_grad():
    print(f"final_metric={(net(docs_t).argmax(1) == y_t).float().mean().item():.4f}")
