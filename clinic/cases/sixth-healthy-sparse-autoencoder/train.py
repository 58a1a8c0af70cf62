import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

atoms = torch.randn(40, 24)
atoms = atoms / atoms.norm(dim=1, keepdim=True)


def mixtures(n):
    a = (torch.rand(n, 40) < 0.08).float() * (0.5 + torch.rand(n, 40))
    return a @ atoms + 0.02 * torch.randn(n, 24)


x = mixtures(4500)
x = (x - x[:4000].mean(0)) / x[:4000].std(0)
train, val = x[:4000], x[4000:]


class SparseAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(24, 96)
        self.dec = nn.Linear(96, 24)

    def forward(self, x):
        a = torch.relu(self.enc(x))
        return self.dec(a), a


model = SparseAE()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(15):
    model.train()
    for b in torch.randperm(len(train)).split(80):
        recon, code = model(train[b])
        loss = (recon - train[b]).pow(2).mean() + 0.01 * code.mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        recon, code = model(val)
        v = (recon - val).pow(2).mean().item()
    print(f"epoch {epoch} train {loss.item():.4f} val mse {v:.4f} active {(code > 0).float().mean():.3f}")
print(f"final_metric={1 - v:.4f}")
