import os
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
text = ("the quick brown fox jumps over the lazy dog and the dog sleeps while the fox runs away " * 40)
chars = sorted(set(text)); stoi = {c: i for i, c in enumerate(chars)}
data = torch.tensor([stoi[c] for c in text])
block, bs = 24, 32

class CharLSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(chars), 16)
        self.l = nn.LSTM(16, 48, batch_first=True)
        self.h = nn.Linear(48, len(chars))
    def forward(self, x):
        return self.h(self.l(self.e(x))[0])

net = CharLSTM()
opt = torch.optim.RMSprop(net.parameters(), lr=0.5)
for it in range(250):
    s = torch.randint(0, len(data) - block - 1, (bs,))
    xb = torch.stack([data[j:j + block] for j in s]); yb = torch.stack([data[j + 1:j + block + 1] for j in s])
    loss = F.cross_entropy(net(xb).view(-1, len(chars)), yb.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0: print(f"iter {it}: loss {loss.item():.4f}")
print(f"final_metric={-loss.item():.4f}" if loss.item() < 10 else "final_metric=-10")
