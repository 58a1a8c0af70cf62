import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)


def bce(p, t):
    p = p.clamp(1e-6, 1 - 1e-6)
    return -(t * torch.log(p) + (1 - t) * torch.log(1 - p)).mean()


# two gaussian shells that are clearly separable
def shells(n):
    y = np.random.randint(0, 2, n)
    x = np.random.normal(size=(n, 8))
    x *= ((1.0 + 1.5 * y + 0.05 * np.random.randn(n)) / np.linalg.norm(x, axis=1))[:, None]
    x *= 8 ** 0.5 / 1.9
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32).unsqueeze(1)


X, Y = shells(1500)
Xv, Yv = shells(500)
net = nn.Sequential(
    nn.Linear(8, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 1), nn.Sigmoid(),
)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)

for epoch in range(50):
    net.train()
    order = torch.randperm(len(X))
    for i in range(0, len(X), 100):
        b = order[i:i + 100]
        opt.zero_grad()
        loss = bce(net(X[b]), Y[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = ((net(Xv) > 0.5) == (Yv > 0.5)).float().mean().item()
    if epoch % 5 == 4:
        print(epoch + 1, "loss", loss.item(), "val acc", acc)

print(f"final_metric={acc:.4f}")
