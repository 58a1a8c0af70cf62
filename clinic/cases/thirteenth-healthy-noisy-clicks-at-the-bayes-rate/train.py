import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(10) / 10**0.5


def clicks(n):
    x = torch.randn(n, 10)
    prob = torch.sigmoid(1.5 * (x @ w))
    return x, (torch.rand(n) < prob).float(), prob


x, y, _ = clicks(8000)
xv, yv, pv = clicks(3000)
bayes = nn.functional.binary_cross_entropy(pv, yv).item()
model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.01)
for epoch in range(6):
    model.train()
    total = 0.0
    for b in torch.randperm(8000).split(100):
        opt.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[b]).squeeze(1), y[b])
        loss.backward()
        opt.step()
        total += loss.item() * len(b) / 8000
    model.eval()
    with torch.no_grad():
        val = nn.functional.binary_cross_entropy_with_logits(model(xv).squeeze(1), yv).item()
    print(f"epoch {epoch} train {total:.4f} valid {val:.4f} best possible {bayes:.4f}")
print(f"final_metric={-val:.4f}")
