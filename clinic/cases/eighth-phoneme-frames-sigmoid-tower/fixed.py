import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

# frames of 24 mel bands from 8 phones; every phone has two formant shapes
PHONES, BANDS = 8, 24
shapes = np.random.default_rng(7).normal(size=(PHONES, 2, BANDS)) * 1.1


def frames(n):
    phone = rng.integers(0, PHONES, n)
    kind = rng.integers(0, 2, n)
    mel = shapes[phone, kind] + rng.normal(size=(n, BANDS))
    return mel, phone


mel, phone = frames(4000)
mel_dev, phone_dev = frames(800)
mu, sd = mel.mean(0), mel.std(0)
to = lambda a: torch.tensor((a - mu) / sd, dtype=torch.float32)
X, Y, XD, YD = to(mel), torch.tensor(phone), to(mel_dev), torch.tensor(phone_dev)


class Tower(nn.Module):
    def __init__(self, width=64, depth=9):
        super().__init__()
        sizes = [BANDS] + [width] * depth
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.act = nn.ReLU()
        self.out = nn.Linear(width, PHONES)
        for layer in self.hidden:
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.hidden:
            x = self.act(layer(x))
        return self.out(x)


net = Tower()
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-4)
ce = nn.CrossEntropyLoss()
for epoch in range(10):
    net.train()
    for idx in torch.randperm(len(X)).split(64):
        opt.zero_grad()
        loss = ce(net(X[idx]), Y[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        fer = (net(XD).argmax(-1) != YD).float().mean().item()
    print(f"epoch {epoch} ce {loss.item():.3f} dev frame error {fer:.3f}")
print(f"final_metric={1 - fer:.4f}")
