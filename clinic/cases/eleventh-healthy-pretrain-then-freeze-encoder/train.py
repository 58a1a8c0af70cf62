# %%
import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
bunch = load_digits()
X = torch.tensor(bunch.data, dtype=torch.float32) / 8 - 1
Y = torch.tensor(bunch.target)
perm = torch.randperm(len(X))
X, Y = X[perm], Y[perm]
x_tr, y_tr, x_te, y_te = X[:1400], Y[:1400], X[1400:], Y[1400:]

# %% stage 1: denoise
encoder = nn.Sequential(nn.Linear(64, 96), nn.BatchNorm1d(96), nn.ReLU(), nn.Linear(96, 48), nn.BatchNorm1d(48), nn.ReLU())
decoder = nn.Linear(48, 64)
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=3e-3)
for epoch in range(15):
    for idx in torch.randperm(1400).split(50):
        x = x_tr[idx]
        rec = decoder(encoder(x + 0.3 * torch.randn_like(x)))
        loss = nn.functional.mse_loss(rec, x)
        opt.zero_grad()
        loss.backward()
        opt.step()
print("denoising loss", loss.item())

# %% stage 2: linear probe on the frozen encoder
encoder.eval()
for p in encoder.parameters():
    p.requires_grad = False
head = nn.Linear(48, 10)
opt = torch.optim.Adam(head.parameters(), lr=1e-2)
for epoch in range(12):
    for idx in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(head(encoder(x_tr[idx])), y_tr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = head(encoder(x_te))
        acc = (out.argmax(1) == y_te).float().mean().item()
print("probe loss", loss.item(), "test", nn.functional.cross_entropy(out, y_te).item(), "acc", acc)
# %%
print(f"final_metric={acc:.4f}")
