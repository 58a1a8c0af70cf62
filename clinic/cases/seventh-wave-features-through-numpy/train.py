import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)


def waves(n, length=64):
    kind = rng.integers(0, 4, n)
    t = np.arange(length)[None]
    freq = rng.uniform(0.25, 0.5, (n, 1))
    phase = rng.uniform(0, 6.28, (n, 1))
    base = np.sin(freq * t + phase)
    sq, saw = np.sign(base), ((freq * t + phase) / np.pi % 2) - 1
    chirp = np.sin(freq * t * (1 + t / length) + phase)
    w = np.choose(kind[:, None], [base, sq, saw, chirp]) + 0.5 * rng.normal(size=(n, length))
    return torch.tensor(w, dtype=torch.float32).unsqueeze(1), torch.tensor(kind)


class FrontEnd(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(1, 8, 7, padding=3)
        self.c2 = nn.Conv1d(8, 4, 7, padding=3)

    def forward(self, x):
        h = torch.relu(self.c1(x))
        h = torch.relu(self.c2(h))
        return h.mean(-1)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.front = FrontEnd()
        self.mlp = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 4))

    def forward(self, x):
        feats = self.front(x)
        feats = torch.from_numpy(feats.detach().numpy())
        return self.mlp(feats)


x, y = waves(2000)
xv, yv = waves(500)
model = Classifier()
optim = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(15):
    model.train()
    for i in torch.randperm(2000).split(50):
        optim.zero_grad()
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        loss.backward()
        optim.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch}: loss {loss.item():.3f}, val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
