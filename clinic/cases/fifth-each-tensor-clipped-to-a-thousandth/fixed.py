import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))


class Tagger(nn.Module):
    """state of a machine (4 states) for each time step from 5 sensors"""
    def __init__(self, h=32):
        super().__init__()
        self.lstm = nn.LSTM(5, h, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * h, 4)

    def forward(self, x):
        return self.out(self.lstm(x)[0])


level = torch.randn(4, 5)

def log(n, T=30):
    s = torch.zeros(n, T, dtype=torch.long)
    s[:, 0] = torch.randint(0, 4, (n,))
    for t in range(1, T):
        move = torch.rand(n) < 0.15
        s[:, t] = torch.where(move, torch.randint(0, 4, (n,)), s[:, t - 1])
    return (level[s] + 1.0 * torch.randn(n, T, 5)) / 1.4, s


x, s = log(1500)
xv, sv = log(300)
m = Tagger()
opt = torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(4):
    m.train()
    for i in torch.randperm(1500).split(32):
        loss = ce(m(x[i]).flatten(0, 1), s[i].flatten())
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(m.parameters(), 1.0)
        opt.step()
    m.eval()
    with torch.no_grad():
        o = m(xv)
        acc = (o.argmax(-1) == sv).float().mean().item()
        print(epoch, loss.item(), ce(o.flatten(0, 1), sv.flatten()).item(), acc)
print(f'final_metric={acc:.4f}')
