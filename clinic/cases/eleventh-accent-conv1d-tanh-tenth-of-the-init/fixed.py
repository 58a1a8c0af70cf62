import os
import math
import torch
from torch import nn
import torch.nn.functional as F

seed = int(os.environ.get('SEED', 0))
g = torch.Generator().manual_seed(seed)
torch.manual_seed(seed)


def synth(n):
    """Three 'accents': chirp up, chirp down, tremolo; 64 samples each."""
    t = torch.linspace(0, 1, 64)
    y = torch.randint(0, 3, (n,), generator=g)
    f0 = 3 + 2 * torch.rand(n, 1, generator=g)
    ph = 2 * math.pi * torch.rand(n, 1, generator=g)
    up = torch.sin(2 * math.pi * (f0 * t + 4 * t ** 2) + ph)
    down = torch.sin(2 * math.pi * ((f0 + 8) * t - 4 * t ** 2) + ph)
    trem = torch.sin(2 * math.pi * (f0 + 4) * t + ph) * (1 + torch.sin(2 * math.pi * 3 * t + ph))
    x = torch.stack([up, down, trem], 1)[torch.arange(n), y]
    x = x + 0.3 * torch.randn(n, 64, generator=g)
    return ((x - x.mean()) / x.std()).unsqueeze(1), y


class AccentNet(nn.Module):
    def __init__(self, width=16, depth=8):
        super().__init__()
        chans = [1] + [width] * depth
        self.convs = nn.ModuleList(
            nn.Conv1d(a, b, 5, padding=2, stride=2 if i in (1, 3, 5) else 1) for i, (a, b) in enumerate(zip(chans, chans[1:])))
        self.head = nn.Linear(width * 8, 3)
        for conv in self.convs:
            nn.init.xavier_normal_(conv.weight, gain=nn.init.calculate_gain("tanh"))
            nn.init.zeros_(conv.bias)

    def forward(self, x):
        for conv in self.convs:
            x = torch.tanh(conv(x))
        return self.head(x.flatten(1))


xtr, ytr = synth(1200)
xva, yva = synth(400)
net = AccentNet()
optim = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)

for epoch in range(8):
    perm = torch.randperm(len(xtr))
    total = 0.
    for idx in perm.split(24):
        loss = F.cross_entropy(net(xtr[idx]), ytr[idx])
        optim.zero_grad()
        loss.backward()
        optim.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        acc = (net(xva).argmax(1) == yva).float().mean()
    print(f'[{epoch}] loss {total / len(xtr):.4f}  val acc {acc:.3f}')
print(f'final_metric={acc.item():.4f}')
