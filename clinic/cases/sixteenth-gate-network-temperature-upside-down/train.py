import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def load(n):
    x = torch.randn(n, 16)
    y = ((x[:, 0] * x[:, 1] > 0) ^ (x[:, 2] + x[:, 3] > 0)).float()
    return x, y


class SoftGates(nn.Module):
    """Gates are 'hardened' slowly by a temperature; we keep it fixed for now."""

    def __init__(self, d=16, h=48, temperature=0.02):
        super().__init__()
        self.a = nn.Linear(d, h)
        self.b = nn.Linear(h, h)
        self.head = nn.Linear(h, 1)
        self.temperature = temperature

    def forward(self, x):
        x = torch.tanh(self.a(x) / self.temperature)
        x = torch.tanh(self.b(x) / self.temperature)
        return self.head(x).squeeze(-1)


xtr, ytr = load(4000)
xva, yva = load(1000)
model = SoftGates()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
crit = nn.BCEWithLogitsLoss()
for epoch in range(15):
    model.train()
    for idx in torch.randperm(4000).split(64):
        loss = crit(model(xtr[idx]), ytr[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = ((model(xva) > 0).float() == yva).float().mean().item()
    print(f"{epoch:02d} loss={loss.item():.3f} val_acc={acc:.3f}")
print(f"final_metric={acc:.4f}")
