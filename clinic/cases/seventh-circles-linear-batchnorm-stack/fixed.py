import os
import torch
from torch import nn
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
points, ring = make_circles(2400, noise=0.08, factor=0.6, random_state=seed)
points, ring = torch.tensor(points / 0.6).float(), torch.tensor(ring).float()
train_p, train_r, val_p, val_r = points[:1800], ring[:1800], points[1800:], ring[1800:]

def build(hidden, p):
    mods, last = [], 2
    for h in hidden:
        mods.append(nn.Linear(last, h))
        mods.append(nn.BatchNorm1d(h))
        mods.append(nn.ReLU())
        mods.append(nn.Dropout(p))
        last = h
    return nn.Sequential(*mods, nn.Linear(last, 1))

model = build([48, 48, 24], 0.05)
loss_fn = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(12):
    model.train()
    for i in torch.randperm(1800).split(36):
        opt.zero_grad(set_to_none=True)
        loss = loss_fn(model(train_p[i]).squeeze(-1), train_r[i])
        loss.backward()
        opt.step()
    model.eval()
    with torch.inference_mode():
        z = model(val_p).squeeze(-1)
    acc = ((z > 0).float() == val_r).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val {loss_fn(z, val_r).item():.4f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
