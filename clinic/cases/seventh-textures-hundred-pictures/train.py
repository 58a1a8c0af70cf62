import os
import numpy as np
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
r = np.random.default_rng(SEED)
grid = np.mgrid[:12, :12]


def textures(n):
    k = r.integers(0, 4, n)
    f = np.array([0.9, 1.3, 1.7, 2.2])[k]
    a = r.uniform(0, np.pi, n)
    w = np.sin(f[:, None, None] * (np.cos(a)[:, None, None] * grid[0] + np.sin(a)[:, None, None] * grid[1]) + r.uniform(0, 6.28, n)[:, None, None])
    return torch.tensor(w + 1.0 * r.normal(size=w.shape), dtype=torch.float32).unsqueeze(1), torch.tensor(k)


N, WIDTH, DROP, EPOCHS, BATCH = 100, 48, 0.0, 40, 10
x, y = textures(N)
xv, yv = textures(500)
net = nn.Sequential(
    nn.Conv2d(1, WIDTH // 2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(WIDTH // 2, WIDTH, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Dropout(DROP), nn.Linear(WIDTH * 9, WIDTH * 2), nn.ReLU(), nn.Dropout(DROP), nn.Linear(WIDTH * 2, 4),
)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(EPOCHS):
    net.train()
    run = 0.0
    for i in torch.randperm(N).split(BATCH):
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() * len(i) / N
    net.eval()
    with torch.no_grad():
        out = net(xv)
    acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train {run:.4f} val {nn.functional.cross_entropy(out, yv).item():.4f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
