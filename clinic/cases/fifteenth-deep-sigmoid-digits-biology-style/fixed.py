# my first deep network! neurons fire between 0 and 1 so I use sigmoid everywhere
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", "0"))
torch.manual_seed(SEED)

digits = load_digits()
X = (digits.data / 16.0 - 0.3).astype("float32")
X_tr, X_te, y_tr, y_te = train_test_split(X, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target)
X_tr, X_te = torch.tensor(X_tr), torch.tensor(X_te)
y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)


class Brain(nn.Module):
    def __init__(self, n_layers=10, width=48):
        super().__init__()
        sizes = [64] + [width] * n_layers
        self.cortex = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:])])
        self.readout = nn.Linear(width, 10)

    def forward(self, x):
        for layer in self.cortex:
            x = torch.relu(layer(x))
        return self.readout(x)


brain = Brain()
opt = torch.optim.Adam(brain.parameters(), lr=1e-3)
for epoch in range(25):
    perm = torch.randperm(len(X_tr))
    running = 0.0
    for i in range(0, len(perm), 32):
        b = perm[i : i + 32]
        opt.zero_grad()
        loss = F.cross_entropy(brain(X_tr[b]), y_tr[b])
        loss.backward()
        opt.step()
        running += loss.item() * len(b)
    with torch.no_grad():
        acc = (brain(X_te).argmax(1) == y_te).float().mean().item()
    print(f"epoch {epoch:2d} loss {running / len(X_tr):.4f} test acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
