import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
l1 = 0.02

# expression of 30 genes, five subtypes
n = 2200
subtype = torch.randint(0, 5, (n,))
profile = torch.randn(5, 30) * 0.55
genes = profile[subtype] + torch.randn(n, 30)
genes = (genes - genes[:1800].mean(0)) / genes[:1800].std(0)

model = nn.Sequential(nn.Linear(30, 40), nn.ELU(), nn.Linear(40, 20), nn.ELU(), nn.Linear(20, 5))
adam = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    model.train()
    fit = pen = 0.0
    for idx in torch.randperm(1800).split(45):
        ce = nn.functional.cross_entropy(model(genes[idx]), subtype[idx])
        penalty = l1 * sum(p.abs().sum() for p in model.parameters())
        adam.zero_grad()
        (ce + penalty).backward()
        adam.step()
        fit, pen = fit + ce.item() / 40, pen + penalty.item() / 40
    model.eval()
    with torch.no_grad():
        acc = (model(genes[1800:]).argmax(1) == subtype[1800:]).float().mean().item()
    print(f"epoch {epoch:2d} ce {fit:.3f} penalty {pen:.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
