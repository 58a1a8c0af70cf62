import os
import numpy as np
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

# friedman-like regression problem, ten inputs, five of them useless
n = 1800
X = np.random.rand(n, 10)
y = 10 * np.sin(np.pi * X[:, 0] * X[:, 1]) + 20 * (X[:, 2] - 0.5) ** 2 + 10 * X[:, 3] + 5 * X[:, 4]
y += np.random.randn(n) * 0.5
X = (X - X.mean(0)) / X.std(0)
y = (y - y.mean()) / y.std()
X = torch.FloatTensor(X)
y = torch.FloatTensor(y)
tr, va = slice(0, 1400), slice(1400, n)


class Featurizer(nn.Module):
    """linear -> remove the per-sample offset -> rectify"""

    def __init__(self, d_in, d_out):
        super().__init__()
        self.lin = nn.Linear(d_in, d_out)

    def forward(self, x):
        z = self.lin(x)
        z = z - z.amax(dim=1, keepdim=True)
        return torch.clamp(z, min=0)


model = nn.Sequential(Featurizer(10, 64), Featurizer(64, 64), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
sched = torch.optim.lr_scheduler.StepLR(optimizer, step_size=20, gamma=0.5)

for epoch in range(40):
    model.train()
    order = np.random.permutation(1400)
    for i in range(0, 1400, 70):
        b = order[i:i + 70]
        pred = model(X[tr][b]).flatten()
        loss = ((pred - y[tr][b]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    sched.step()
    if (epoch + 1) % 10 == 0:
        model.eval()
        with torch.no_grad():
            mse = ((model(X[va]).flatten() - y[va]) ** 2).mean().item()
        print(f"{epoch + 1:3d} train {loss.item():.4f} val {mse:.4f}")

print(f"final_metric={-np.sqrt(mse):.4f}")
