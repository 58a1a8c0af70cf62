import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def layer(i, o):
    return nn.Sequential(nn.Linear(i, o, bias=False), nn.BatchNorm1d(o), nn.Sigmoid())


class DeepNet(nn.Module):
    def __init__(self, width=32, depth=6):
        super().__init__()
        self.stack = nn.Sequential(layer(10, width), *[layer(width, width) for _ in range(depth - 1)])
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(self.stack(x)).squeeze(1)


X, y = make_friedman1(2000, noise=0.5, random_state=seed)
X = torch.tensor((X - 0.5) * 3.4, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
model = DeepNet()

# quick look at the shapes
model.eval()
print("output", tuple(model(X[:4]).shape))

opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    model.train()
    for b in torch.randperm(1500).split(50):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(X[b]), y[b])
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())

model.eval()
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(model(X[1500:]), y[1500:]) / y[1500:].var()
print(f"final_metric={r2.item():.4f}")
