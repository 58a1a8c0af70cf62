import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_friedman1

s = int(os.environ.get("SEED", 0))
torch.manual_seed(s)
X, t = make_friedman1(2200, 6, noise=0.3, random_state=s)
X = torch.tensor(X * 3.46 - 1.73, dtype=torch.float32)
t = torch.tensor((t - t.mean()) / t.std(), dtype=torch.float32)


class MLP(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(dims, dims[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


mlp = MLP([6, 64, 64, 1])
opt = torch.optim.RMSprop(mlp.parameters(), lr=1e-3)
for epoch in range(25):
    for b in torch.randperm(1800).split(36):
        opt.zero_grad()
        loss = F.mse_loss(mlp(X[b])[:, 0], t[b])
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(mlp(X[1800:])[:, 0], t[1800:]) / t[1800:].var()
print(f"final_metric={r2.item():.4f}")
