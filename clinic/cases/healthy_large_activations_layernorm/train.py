import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (torch.tensor(d.data).float() - 4.9) / 6.0
Y = torch.tensor(d.target)
idx = torch.randperm(len(X))
tr, va = idx[:1400], idx[1400:]


class Block(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.lin = nn.Linear(n_in, n_out)
        nn.init.normal_(self.lin.weight, std=20.0 / n_in ** 0.5 * 3)
        self.norm = nn.LayerNorm(n_out)

    def forward(self, x):
        return F.relu(self.norm(self.lin(x)))


model = nn.Sequential(Block(64, 128), Block(128, 128), nn.Linear(128, 10))
opt = torch.optim.Adam(model.parameters(), lr=0.02)
sched = torch.optim.lr_scheduler.ExponentialLR(opt, 0.85)
for epoch in range(16):
    for b in tr[torch.randperm(len(tr))].split(50):
        loss = F.cross_entropy(model(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    sched.step()
    print(epoch, loss.item())
model.eval()
with torch.no_grad():
    acc = (model(X[va]).argmax(1) == Y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
