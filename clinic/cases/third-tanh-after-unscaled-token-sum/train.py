import os
import torch, torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L = 200, 60
affinity = torch.randn(V)

def corpus(n):
    t = torch.randint(0, V, (n, L))
    y = (affinity[t].sum(1) > 0).long()
    return t, y

class CBOW(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 32)
        self.h1 = nn.Linear(32, 32)
        self.h2 = nn.Linear(32, 32)
        self.o = nn.Linear(32, 2)
        nn.init.normal_(self.h1.weight, std=1.0); nn.init.normal_(self.h2.weight, std=.18)
    def forward(self, t):
        v = self.emb(t).sum(1)
        v = torch.tanh(self.h1(v))
        return self.o(torch.tanh(self.h2(v)))

net = CBOW()
opt = torch.optim.SGD(net.parameters(), lr=.1, momentum=.9)
for step in range(1, 801):
    t, y = corpus(64)
    loss = nn.functional.cross_entropy(net(t), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 100 == 0: print("step", step, "loss", "%.4f" % loss.item())
t, y = corpus(3000)
with torch.no_grad():
    print("final_metric=%.4f" % (net(t).argmax(1) == y).float().mean().item())
