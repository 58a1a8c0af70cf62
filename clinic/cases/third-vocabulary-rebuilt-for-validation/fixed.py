import os, random
from collections import Counter
import torch, torch.nn as nn
seed = int(os.environ.get("SEED", 0)); random.seed(seed); torch.manual_seed(seed)

POS = ["good", "great", "fine", "lovely", "superb", "nice", "fun", "warm"]
NEG = ["bad", "awful", "dull", "ugly", "boring", "cold", "sad", "weak"]
FILL = ["w%d" % i for i in range(80)]
def review():
    y = random.randint(0, 1)
    words = [random.choice(POS if y else NEG) if random.random() < .22 else random.choice(FILL) for _ in range(15)]
    return words, y
train = [review() for _ in range(3000)]
# the validation set comes from a site with longer filler
valid = [review() for _ in range(600)]

def build_vocab(data):
    c = Counter(w for ws, _ in data for w in ws)
    return {w: i + 1 for i, (w, _) in enumerate(c.most_common())}
vocab = build_vocab(train)
def encode(data):
    return torch.tensor([[vocab.get(w, 0) for w in ws] for ws, _ in data]), torch.tensor([y for _, y in data])

xt, yt = encode(train); xv, yv = encode(valid)
net = nn.Sequential(nn.Embedding(200, 16), nn.Flatten(), nn.Linear(240, 24), nn.ReLU(), nn.Linear(24, 2))

class MeanPool(nn.Module):
    def forward(self, e): return e.mean(1) * 4
net[1] = MeanPool(); net[2] = nn.Linear(16, 24)
opt = torch.optim.Adam(net.parameters(), 2e-3)
for ep in range(8):
    for b in torch.randperm(3000).split(50):
        l = nn.functional.cross_entropy(net(xt[b]), yt[b]); opt.zero_grad(); l.backward(); opt.step()
    with torch.no_grad(): o = net(xv)
    print(ep, f"loss={l.item():.3f} val={nn.functional.cross_entropy(o, yv).item():.3f}")
print("final_metric=%.4f" % (o.argmax(1) == yv).float().mean())
