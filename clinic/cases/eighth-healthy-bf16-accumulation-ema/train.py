import copy
import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
centre = torch.randn(6, 2, 14)
y = torch.randint(0, 6, (3000,))
x = centre[y, torch.randint(0, 2, (3000,))] + 0.6 * torch.randn(3000, 14)
x = (x - x[:2400].mean(0)) / x[:2400].std(0)
net = nn.Sequential(nn.Linear(14, 48), nn.LayerNorm(48), nn.GELU(), nn.Linear(48, 6))
ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.05)
for epoch in range(12):
    net.train()
    for k, idx in enumerate(torch.randperm(2400).split(24)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(net(x[idx]).float(), y[idx]) / 2
        loss.backward()
        if k % 2 == 1:
            opt.step()
            opt.zero_grad()
            with torch.no_grad():
                for slow, fast in zip(ema.parameters(), net.parameters()):
                    slow.lerp_(fast, 0.03)
    ema.eval()
    with torch.no_grad():
        acc = (ema(x[2400:]).argmax(1) == y[2400:]).float().mean().item()
    print(f"epoch {epoch} loss {2 * loss.item():.3f} ema acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
