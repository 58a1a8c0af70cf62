import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

# a noisy three-state cyclic grammar, next-symbol prediction on 32 parallel streams
V = 9


def stream(lanes, length):
    s = torch.randint(0, V, (lanes,))
    hop = torch.randint(1, 3, (lanes,))
    out = []
    for t in range(length):
        out.append(s)
        step = torch.where(torch.rand(lanes) < 0.03, torch.randint(0, V, (lanes,)), hop)
        s = (s + step) % V
    return torch.stack(out, 1)


train, val = stream(32, 481), stream(32, 201)


class CharModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.gru = nn.GRU(16, 48, batch_first=True)
        self.out = nn.Linear(48, V)

    def forward(self, s, h=None):
        o, h = self.gru(self.emb(s), h)
        return self.out(o), h


net = CharModel()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(10):
    net.train()
    h = None
    for t in range(0, 480, 16):
        logits, h = net(train[:, t:t + 16], h)
        loss = nn.functional.cross_entropy(logits.reshape(-1, V), train[:, t + 1:t + 17].reshape(-1))
        opt.zero_grad()
        loss.backward()
        opt.step()
        h = h.detach()
    net.eval()
    with torch.no_grad():
        logits, _ = net(val[:, :-1])
        acc = (logits.argmax(-1) == val[:, 1:]).float().mean().item()
    print(f'epoch {epoch} loss {loss.item():.4f} val next-symbol acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
