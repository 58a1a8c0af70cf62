import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED); torch.manual_seed(SEED)
n_topics, per_topic, common = 6, 25, 20
V = n_topics * per_topic + common

def sentence():
    t = np.random.randint(n_topics)
    w = [np.random.randint(per_topic) + t * per_topic if np.random.rand() < .7 else n_topics * per_topic + np.random.randint(common) for _ in range(10)]
    return w

corpus = [sentence() for _ in range(1500)]
freq = np.bincount([w for s in corpus for w in s], minlength=V)
weights = torch.tensor((freq + 1) ** 0.75, dtype=torch.float)
pairs = np.array([(s[i], s[j]) for s in corpus for i in range(10) for j in range(max(0, i - 2), min(10, i + 3)) if i != j])
pairs = torch.tensor(pairs)

class SkipGram(nn.Module):
    def __init__(self, emb_size, emb_dimension):
        super().__init__()
        self.u_embeddings = nn.Embedding(emb_size, emb_dimension)
        self.v_embeddings = nn.Embedding(emb_size, emb_dimension)
        initrange = 0.5 / emb_dimension
        self.u_embeddings.weight.data.uniform_(-initrange, initrange)
        self.v_embeddings.weight.data.uniform_(-initrange, initrange)
    def forward(self, u_pos, v_pos, v_neg):
        emb_u, emb_v = self.u_embeddings(u_pos), self.v_embeddings(v_pos)
        score = F.logsigmoid((emb_u * emb_v).sum(1))
        neg = torch.bmm(self.v_embeddings(v_neg), emb_u.unsqueeze(2)).squeeze(2)
        return -(score.mean() + F.logsigmoid(-neg).sum(1).mean())

model = SkipGram(V, 24)
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(2):
    tot = []
    for b in torch.randperm(len(pairs)).split(128):
        u, v = pairs[b].t()
        neg = torch.multinomial(weights, len(b) * 5, replacement=True).view(len(b), 5)
        loss = model(u, v, neg)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot.append(loss.item())
    print("epoch", epoch, "loss first", np.mean(tot[:20]), "last", np.mean(tot[-20:]))
e = F.normalize(model.u_embeddings.weight.detach()[:n_topics * per_topic], dim=1)
sim = e @ e.t() - 2 * torch.eye(len(e))
nearest = sim.argmax(1) // per_topic
print("final_metric=%.4f" % (nearest == torch.arange(len(e)) // per_topic).float().mean().item())
