import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class ThresholdedFeatures(nn.Module):
    def __init__(self, n_in, n_out, theta):
        super().__init__()
        self.proj = nn.Linear(n_in, n_out)
        self.register_buffer("theta", torch.tensor(theta))

    def forward(self, x):
        return (self.proj(x) - self.theta).clamp(min=0)


bunch = load_digits()
x = torch.tensor((bunch.data - bunch.data.mean()) / bunch.data.std(), dtype=torch.float32)
y = torch.tensor(bunch.target)
perm = torch.randperm(len(x))
tr, va = perm[:1350], perm[1350:]
model = nn.Sequential(ThresholdedFeatures(64, 80, 0.0), nn.Dropout(0.1), nn.Linear(80, 10))
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(12):
    model.train()
    for b in tr[torch.randperm(len(tr))].split(30):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(x[va])
        acc = (out.argmax(1) == y[va]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val {nn.functional.cross_entropy(out, y[va]).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
