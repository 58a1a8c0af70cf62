"""Random Fourier features: the projection is fixed by design (Rahimi & Recht 2007)."""
import os
import math
import torch
from torch import nn
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class RandomFeatures(nn.Module):
    def __init__(self, d, m, sigma=0.7):
        super().__init__()
        self.proj = nn.Linear(d, m)
        nn.init.normal_(self.proj.weight, std=1 / sigma)
        nn.init.uniform_(self.proj.bias, 0, 2 * math.pi)
        self.proj.requires_grad_(False)
        self.m = m

    def forward(self, x):
        return math.sqrt(2) * torch.cos(self.proj(x))


x, y = make_circles(1500, noise=0.1, factor=0.45, random_state=seed)
x = torch.tensor(x / x.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
model = nn.Sequential(RandomFeatures(2, 100), nn.Linear(100, 1))
trainable = [p for p in model.parameters() if p.requires_grad]
opt = torch.optim.SGD(trainable, lr=0.02, momentum=0.9)
for epoch in range(10):
    for idx in torch.randperm(1100).split(25):
        loss = nn.functional.binary_cross_entropy_with_logits(model(x[idx]).squeeze(1), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = ((model(x[1100:]).squeeze(1) > 0) == (y[1100:] > 0.5)).float().mean().item()
    print(epoch, round(loss.item(), 4), acc)
print(f"final_metric={acc:.4f}")
