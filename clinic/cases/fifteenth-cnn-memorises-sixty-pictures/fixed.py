import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N_TRAIN = 3000
EPOCHS = 4


def textures(n):
    y = torch.randint(0, 2, (n,))
    g = torch.arange(12.0)
    phase = 6.28 * torch.rand(n, 1, 1)
    hor = torch.sin(0.9 * g[None, :, None] + phase).expand(n, 12, 12)
    ver = torch.sin(0.9 * g[None, None, :] + phase).expand(n, 12, 12)
    img = torch.where(y[:, None, None] == 1, hor, ver) * 0.55 + torch.randn(n, 12, 12)
    return img[:, None], y


xtr, ytr = textures(N_TRAIN)
xva, yva = textures(1000)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(16 * 36, 128), nn.ReLU(), nn.Linear(128, 2),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    tot = 0.0
    for b in torch.randperm(N_TRAIN).split(20):
        opt.zero_grad()
        loss = crit(model(xtr[b]), ytr[b])
        loss.backward()
        opt.step()
        tot += loss.item() * len(b)
    with torch.no_grad():
        val = crit(model(xva), yva).item()
    print(f"epoch {epoch} train {tot / N_TRAIN:.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
