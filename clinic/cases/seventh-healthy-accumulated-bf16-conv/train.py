import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)


def blobs(n):
    k = rng.integers(0, 4, n)
    g = np.mgrid[:12, :12]
    c = rng.uniform(3, 8, (2, n, 1, 1))
    r = np.sqrt((g[0] - c[0]) ** 2 + (g[1] - c[1]) ** 2)
    img = np.select([k[:, None, None] == j for j in range(4)], [r < 2.5, np.abs(r - 3) < 0.8, np.abs(g[0] - c[0]) < 1, np.abs(g[1] - c[1]) < 1])
    img = img + 0.3 * rng.normal(size=img.shape)
    return torch.tensor((img - 0.2) / 0.5, dtype=torch.float32).unsqueeze(1), torch.tensor(k)


x, y = blobs(1600)
xv, yv = blobs(400)
net = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.GroupNorm(3, 12), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(12, 16, 3, padding=1), nn.GroupNorm(4, 16), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(144, 4))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.02)
ACC = 4
for epoch in range(6):
    net.train()
    opt.zero_grad()
    for k, i in enumerate(torch.randperm(1600).split(8), 1):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(net(x[i]), y[i]) / ACC
        loss.backward()
        if k % ACC == 0:
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        out = net(xv).float()
    acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} loss {loss.item() * ACC:.4f} val {nn.functional.cross_entropy(out, yv).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
