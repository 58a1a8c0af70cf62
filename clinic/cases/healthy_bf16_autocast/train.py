import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data / 8 - 0.6, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(14):
    for b in tr[torch.randperm(1400)].split(50):
        opt.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(X[b])
            loss = nn.functional.cross_entropy(logits, y[b])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
    acc = (model(X[va]).argmax(1) == y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
