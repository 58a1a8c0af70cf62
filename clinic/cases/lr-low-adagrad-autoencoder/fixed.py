import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(seed)
torch.manual_seed(seed)

# 8x8 patches: one gaussian spot with random place, width and sign
gx, gy = np.meshgrid(np.arange(8), np.arange(8))


def patches(n):
    c = rng.uniform(1.5, 5.5, (n, 2, 1, 1))
    w = rng.uniform(1.0, 2.5, (n, 1, 1))
    s = rng.choice([-1, 1], (n, 1, 1)) * rng.uniform(0.6, 1.4, (n, 1, 1))
    z = s * np.exp(-((gx - c[:, 0]) ** 2 + (gy - c[:, 1]) ** 2) / (2 * w ** 2))
    return torch.tensor(z / 0.4, dtype=torch.float32).unsqueeze(1)


class ConvAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.e1 = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        self.e2 = nn.Linear(8 * 16, 10)
        self.d1 = nn.Linear(10, 8 * 16)
        self.d2 = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)

    def forward(self, x):
        z = self.e2(F.elu(self.e1(x)).flatten(1))
        h = F.elu(self.d1(z)).view(-1, 8, 4, 4)
        return self.d2(h)


train, val = patches(1600), patches(300)
net = ConvAE()
opt = torch.optim.Adagrad(net.parameters(), lr=3e-2)

for epoch in range(15):
    net.train()
    tot = 0.0
    for b in torch.randperm(len(train)).split(50):
        opt.zero_grad()
        loss = F.mse_loss(net(train[b]), train[b])
        loss.backward()
        opt.step()
        tot += loss.item() * len(b) / len(train)
    net.eval()
    with torch.no_grad():
        v = F.mse_loss(net(val), val).item()
    print(f"epoch {epoch + 1:2d}: train {tot:.4f} val {v:.4f}")

print(f"final_metric={1 - v / val.var().item():.4f}")
