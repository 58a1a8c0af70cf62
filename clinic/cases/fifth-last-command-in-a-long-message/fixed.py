import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))
T, K = 70, 4


def messages(n):
    """one of 4 commands somewhere in a stream of other symbols; answer: the command"""
    y = torch.randint(0, K, (n,))
    x = torch.randint(K, 12, (n, T))
    x[torch.arange(n), torch.randint(0, T, (n,))] = y
    return x, y


class Listener(nn.Module):
    def __init__(self, h=48):
        super().__init__()
        self.emb = nn.Embedding(12, 16)
        self.rnn = nn.GRU(16, h, batch_first=True)
        self.fc = nn.Linear(h, K)

    def forward(self, x):
        out, _ = self.rnn(self.emb(x))
        return self.fc(out[:, -1])


net = Listener()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss()
xv, yv = messages(800)
for step in range(500):
    x, y = messages(64)
    loss = ce(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 49:
        with torch.no_grad():
            o = net(xv)
        acc = (o.argmax(1) == yv).float().mean().item()
        print(f'step {step + 1} loss {loss.item():.4f} val {ce(o, yv).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
