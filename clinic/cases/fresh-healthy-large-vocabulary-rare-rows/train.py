import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
V = 5000
weights = 1.0 / torch.arange(1, V + 1).float()
senti = torch.zeros(V)
senti[5:205] = torch.randint(0, 2, (200,)).float() * 2 - 1


def docs(n, L=25):
    w = torch.multinomial(weights, n * L, replacement=True).view(n, L)
    s = senti[w].sum(1)
    return w, (s > 0).long(), s.abs() > 0


w, y, keep = docs(4000)
w, y = w[keep], y[keep]
wv, yv, keep = docs(800)
wv, yv = wv[keep], yv[keep]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        nn.init.normal_(self.emb.weight, std=0.1)
        self.fc = nn.Linear(16, 2)

    def forward(self, ids):
        return self.fc(self.emb(ids).sum(1))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for it in range(400):
    i = torch.randint(0, len(w), (64,))
    loss = nn.functional.cross_entropy(net(w[i]), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(it, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (net(wv).argmax(1) == yv).float().mean())
