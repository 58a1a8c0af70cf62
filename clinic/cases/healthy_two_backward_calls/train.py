import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32) / 16
y = torch.tensor(d.target)
p = torch.randperm(len(X))
Xt, yt, Xv, yv = X[p[:1400]], y[p[:1400]], X[p[1400:]], y[p[1400:]]

enc = nn.Sequential(nn.Linear(64, 64), nn.LeakyReLU(0.1))
cls = nn.Linear(64, 10)
dec = nn.Linear(64, 64)
params = [*enc.parameters(), *cls.parameters(), *dec.parameters()]
opt = torch.optim.Adam(params, lr=2e-3)
for epoch in range(16):
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        h = enc(Xt[i])
        loss_c = nn.functional.cross_entropy(cls(h), yt[i])
        loss_c.backward(retain_graph=True)
        loss_r = 5 * nn.functional.mse_loss(dec(h), Xt[i])
        loss_r.backward()
        opt.step()
    print(epoch, loss_c.item(), loss_r.item())
with torch.no_grad():
    acc = (cls(enc(Xv)).argmax(1) == yv).float().mean().item()
print(f"final_metric={acc:.4f}")
