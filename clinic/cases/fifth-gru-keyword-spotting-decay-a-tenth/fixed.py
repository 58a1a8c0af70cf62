import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get('SEED', 0)))

class Spotter(nn.Module):
    def __init__(self, mel=12, hidden=40, words=6):
        super().__init__()
        self.gru = nn.GRU(mel, hidden, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(2 * hidden, words)
    def forward(self, x):
        h, _ = self.gru(x)
        return self.fc(h.mean(1))

proto = torch.randn(6, 12, 12)         # six words: 12 frames of 12 mel bands
def utter(n):
    y = torch.randint(0, 6, (n,))
    x = torch.randn(n, 20, 12)
    start = torch.randint(0, 8, (n,))
    for i in range(n):
        x[i, start[i]:start[i] + 12] += 0.8 * proto[y[i]]
    return x / 1.25, y

tx, ty = utter(2000)
vx, vy = utter(500)
net = Spotter()
crit = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-5)
for ep in range(5):
    net.train()
    for i in torch.randperm(2000).split(32):
        opt.zero_grad()
        loss = crit(net(tx[i]), ty[i])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.)
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(vx)
        print('ep', ep, 'train', loss.item(), 'val', crit(out, vy).item())
print('final_metric=%.4f' % (out.argmax(1) == vy).float().mean().item())
