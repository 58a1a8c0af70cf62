import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
KEEP = 0.9      # keep 90 % of the units

class IntentNet(nn.Module):
    def __init__(self, vocab=120, n=6):
        super().__init__()
        self.emb = nn.Embedding(vocab, 32)
        self.gru = nn.GRU(32, 32, batch_first=True)
        self.drop = nn.Dropout(1 - KEEP)
        self.fc1, self.fc2 = nn.Linear(32, 32), nn.Linear(32, n)
    def forward(self, t):
        h = self.gru(self.drop(self.emb(t)))[0].mean(1)
        return self.fc2(self.drop(torch.relu(self.fc1(self.drop(h)))))

g = torch.Generator().manual_seed(int(os.environ.get("SEED", 0)) + 5)
def utterances(n):
    y = torch.randint(0, 6, (n,), generator=g)
    t = torch.randint(60, 120, (n, 9), generator=g)
    key = torch.rand(n, 9, generator=g) < .25
    return torch.where(key, y[:, None] * 10 + torch.randint(0, 10, (n, 9), generator=g), t), y
x, y = utterances(4000); xv, yv = utterances(1000)
net = IntentNet(); opt = torch.optim.Adam(net.parameters(), 2e-3)
for e in range(7):
    net.train(); tot = 0
    for b in torch.randperm(4000).split(50):
        l = nn.functional.cross_entropy(net(x[b]), y[b]); opt.zero_grad(); l.backward(); opt.step(); tot += l.item() / 80
    net.eval()
    with torch.no_grad(): o = net(xv)
    print("epoch", e, "train %.3f" % tot, "val %.3f" % nn.functional.cross_entropy(o, yv).item())
print("final_metric=%.4f" % (o.argmax(1) == yv).float().mean().item())
