import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
raw = load_digits()
perm = torch.randperm(len(raw.target))
img = (torch.tensor(raw.data, dtype=torch.float32)[perm] - 4.9) / 6.0
lab = torch.tensor(raw.target)[perm]


def view(x):
    keep = (torch.rand_like(x) > 0.25).float()
    return x * keep + 0.2 * torch.randn_like(x)


enc = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64))
proj = nn.Sequential(nn.ReLU(), nn.Linear(64, 32))
opt = torch.optim.Adam([*enc.parameters(), *proj.parameters()], lr=1e-3)
for step in range(1, 401):
    idx = torch.randint(0, 1400, (128,))
    z = F.normalize(proj(enc(torch.cat([view(img[idx]), view(img[idx])]))), dim=1)
    sim = z @ z.T / 0.3
    sim.fill_diagonal_(-1e9)
    loss = F.cross_entropy(sim, torch.arange(256).roll(128))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(f"pretraining step {step} nt-xent {loss.item():.3f}")

for p in enc.parameters():
    p.requires_grad_(False)
enc.eval()
probe = nn.Linear(64, 10)
with torch.no_grad():
    feats = enc(img)
    feats = (feats - feats[:1400].mean(0)) / feats[:1400].std(0)
opt = torch.optim.Adam(probe.parameters(), lr=1e-2)
for epoch in range(10):
    for idx in torch.randperm(1400).split(70):
        loss = F.cross_entropy(probe(feats[idx]), lab[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (probe(feats[1400:]).argmax(1) == lab[1400:]).float().mean().item()
print(f"probe loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
