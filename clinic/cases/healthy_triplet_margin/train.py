import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
X = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 8 - 0.6
y = torch.tensor(digits.target)
idx = torch.randperm(len(X))
tr, te = idx[:1300], idx[1300:]

embed = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 24))
opt = torch.optim.AdamW(embed.parameters(), lr=1e-3)
for epoch in range(10):
    active = 0.0
    batches = tr[torch.randperm(len(tr))].split(65)
    for b in batches:
        z = F.normalize(embed(X[b]), dim=1)
        dist = torch.cdist(z, z)
        same = y[b][:, None] == y[b][None]
        hardest_pos = dist.masked_fill(~same, 0).max(1).values
        semi_neg = dist.masked_fill(same, 9).min(1).values
        per = F.relu(hardest_pos - semi_neg + 0.3)
        active += (per > 0).float().mean().item() / len(batches)
        loss = per.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch} loss {loss.item():.3f} active {active:.2f}")
with torch.no_grad():
    z = F.normalize(embed(X), dim=1)
    near = torch.cdist(z[te], z[tr]).topk(5, largest=False).indices
    pred = y[tr][near].mode(1).values
    print(f"final_metric={(pred == y[te]).float().mean().item():.4f}")
