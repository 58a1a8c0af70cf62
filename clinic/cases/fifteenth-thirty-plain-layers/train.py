# "deeper is better" experiment on the digits
import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor((x - 4.9) / 6, dtype=torch.float32), torch.tensor(y)
p = torch.randperm(len(x))
x, y = x[p], y[p]
DEPTH, W = 30, 40


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, W)
        self.hidden = nn.ModuleList(nn.Linear(W, W) for _ in range(DEPTH))
        self.last = nn.Linear(W, 10)
        for layer in self.hidden:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        h = torch.relu(self.first(x))
        for layer in self.hidden:
            h = torch.relu(layer(h))
        return self.last(h)


net = Deep()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(8):
    for b in torch.randperm(1400).split(35):
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print(f"final_metric={(net(x[1400:]).argmax(1) == y[1400:]).float().mean().item():.4f}")
