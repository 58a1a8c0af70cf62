import os
import torch
from torch import nn
SEED = int(os.environ.get("SEED", 0)); torch.manual_seed(SEED)
T, K = 60, 4
def sequences(n):
    s = torch.randint(K, 10, (n, T)); y = torch.randint(0, K, (n,)); s[:, 0] = y
    return s, y
class Memory(nn.Module):
    def __init__(self, hid=32):
        super().__init__()
        self.emb = nn.Embedding(10, 16)
        self.rnn = nn.RNN(16, hid, batch_first=True)
        self.out = nn.Linear(hid, K)
    def forward(self, s):
        o, _ = self.rnn(self.emb(s))
        return self.out(o.amax(1))
net = Memory()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for i in range(350):
    s, y = sequences(64)
    loss = nn.functional.cross_entropy(net(s), y)
    opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 5.0); opt.step()
    if i % 50 == 0: print("step", i, "loss %.4f" % loss.item())
with torch.no_grad():
    s, y = sequences(1000); print("final_metric=%.4f" % (net(s).argmax(1) == y).float().mean().item())
