import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get('SEED', 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

# 1-D spectra with two peaks, substance = which pair of positions
wl = np.linspace(0, 1, 64)
pairs = [(0.2, 0.5), (0.2, 0.7), (0.35, 0.5), (0.35, 0.8), (0.5, 0.8)]
Y = np.random.randint(0, 5, 3000)
S = np.zeros((3000, 64))
for i, k in enumerate(Y):
    for c in pairs[k]:
        S[i] += np.random.uniform(0.5, 1.2) * np.exp(-(wl - c - 0.02 * np.random.randn()) ** 2 / 0.002)
S += 0.15 * np.random.randn(3000, 64)
S = (S - S[:2400].mean(0)) / S[:2400].std(0)
S = torch.tensor(S, dtype=torch.float32).unsqueeze(1)
Y = torch.tensor(Y)

net = nn.Sequential(
    nn.Conv1d(1, 8, 7, padding=3), nn.ReLU(), nn.MaxPool1d(2),
    nn.Conv1d(8, 16, 5, padding=2), nn.ReLU(), nn.MaxPool1d(2),
    nn.Flatten(), nn.Linear(256, 32), nn.ReLU(), nn.Linear(32, 5))
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
for epoch in range(10):
    net.train()
    total = 0.0
    for b in torch.randperm(2400).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(S[b]), Y[b])
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        acc = (net(S[2400:]).argmax(1) == Y[2400:]).float().mean().item()
    print('epoch', epoch, 'train loss %.3f' % (total / 2400), 'val acc %.3f' % acc)
print('final_metric=%.4f' % acc)
