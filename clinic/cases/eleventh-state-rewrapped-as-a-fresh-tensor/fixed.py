import os, warnings
import torch
from torch import nn
warnings.filterwarnings("ignore")
torch.manual_seed(int(os.environ.get('SEED', 0)))

VOCAB, LEN = 40, 12

class Encoder(nn.Module):
    def __init__(self):
        super(Encoder, self).__init__()
        self.emb = nn.Embedding(VOCAB, 16)
        self.gru = nn.GRU(16, 24, batch_first=True)
    def forward(self, x):
        out, h = self.gru(self.emb(x))
        return h[-1]

class Intent(nn.Module):
    def __init__(self):
        super(Intent, self).__init__()
        self.encoder = Encoder()
        self.clf = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 4))
    def forward(self, x):
        features = self.encoder(x)
        features = features.to(torch.float32)
        return self.clf(features)

def sample(n):
    x = torch.randint(8, VOCAB, (n, LEN))
    y = torch.randint(0, 4, (n,))
    # the intent is told by two cue words, in either order, anywhere
    cues = torch.tensor([[0, 1], [2, 3], [0, 3], [2, 1]])
    pos = torch.stack([torch.randperm(LEN)[:2] for _ in range(n)])
    x.scatter_(1, pos, cues[y])
    return x, y

xtr, ytr = sample(1200)
xte, yte = sample(400)
model = Intent()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
crit = nn.CrossEntropyLoss()
for ep in range(1, 13):
    tot = 0
    for idx in torch.randperm(len(xtr)).split(32):
        opt.zero_grad()
        loss = crit(model(xtr[idx]), ytr[idx])
        loss.backward()
        opt.step()
        tot += loss.item() * len(idx)
    with torch.no_grad():
        acc = (model(xte).argmax(1) == yte).float().mean().item()
    if ep % 3 == 0: print(ep, tot / len(xtr), acc)
print('final_metric=%.4f' % acc)
