import os
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# does symbol 1 come before symbol 2 in the log?
def logs(n, L=10, V=15):
    s = torch.randint(3, V, (n, L))
    pos = torch.stack([torch.randperm(L)[:2] for _ in range(n)])
    s[torch.arange(n), pos[:, 0]] = 1
    s[torch.arange(n), pos[:, 1]] = 2
    return s, (pos[:, 0] < pos[:, 1]).long()


class LogModel(nn.Module):
    def __init__(self, V=15, d=32):
        super().__init__()
        self.emb = nn.Embedding(V, d)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.fc1 = nn.Linear(d, 64)
        self.fc2 = nn.Linear(64, 2)

    def pool(self, e):
        return self.rnn(e)[0].mean(1)

    def forward(self, s):
        return self.fc2(F.relu(self.fc1(self.pool(self.emb(s)))))


model = LogModel()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
s, y = logs(2000)
sv, yv = logs(500)
for it in range(600):
    i = torch.randint(0, 2000, (64,))
    loss = F.cross_entropy(model(s[i]), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print("it", it, "loss", loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (model(sv).argmax(1) == yv).float().mean())
