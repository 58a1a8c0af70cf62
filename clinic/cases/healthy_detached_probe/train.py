import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32) / 16
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
enc = nn.Sequential(nn.Linear(64, 128), nn.SiLU(), nn.Linear(128, 24))
dec = nn.Sequential(nn.Linear(24, 128), nn.SiLU(), nn.Linear(128, 64))
probe = nn.Linear(24, 10)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()], lr=2e-3)
probe_opt = torch.optim.Adam(probe.parameters(), lr=1e-2)
for epoch in range(25):
    for b in tr[torch.randperm(len(tr))].split(50):
        z = enc(X[b])
        loss = nn.functional.mse_loss(dec(z), X[b])
        probe_loss = nn.functional.cross_entropy(probe(z.detach()), y[b])
        opt.zero_grad()
        probe_opt.zero_grad()
        (loss + probe_loss).backward()
        opt.step()
        probe_opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item(), probe_loss.item())
with torch.no_grad():
    acc = (probe(enc(X[va])).argmax(1) == y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
