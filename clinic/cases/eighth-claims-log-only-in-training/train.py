import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
claims = rng.lognormal(mean=2.0, sigma=1.0, size=(2600, 8)).astype("float32")
z = (np.log(claims) - 2.0) @ np.array([1.0, -1.0, 0.8, 0.0, 0.6, -0.7, 0.0, 0.5])
tier = torch.tensor(np.digitize(z + 0.3 * rng.normal(size=2600), [-1.2, 0.0, 1.2]))
train_claims, val_claims = claims[:2000], claims[2000:]
logs = np.log1p(train_claims)
MEAN, STD = logs.mean(0), logs.std(0)


def train_batches(size=50):
    order = rng.permutation(2000)
    for i in range(0, 2000, size):
        rows = order[i:i + size]
        feats = (np.log1p(train_claims[rows]) - MEAN) / STD
        yield torch.from_numpy(feats), tier[:2000][rows]


def validation():
    feats = (val_claims - MEAN) / STD
    return torch.from_numpy(feats), tier[2000:]


net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    net.train()
    hits = 0
    for xb, yb in train_batches():
        out = net(xb)
        loss = nn.functional.cross_entropy(out, yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        hits += (out.argmax(1) == yb).sum().item()
    net.eval()
    with torch.no_grad():
        xv, yv = validation()
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train acc {hits / 2000:.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
