import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_friedman1
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
np.random.seed(seed)

X, y = make_friedman1(n_samples=2500, n_features=10, noise=0.5, random_state=seed)
ntr = 2000
sx = StandardScaler().fit(X[:ntr])
sy = StandardScaler().fit(y[:ntr, None])
X = torch.tensor(sx.transform(X), dtype=torch.float32)
y = torch.tensor(sy.transform(y[:, None]), dtype=torch.float32)
Xtr, ytr, Xva, yva = X[:ntr], y[:ntr], X[ntr:], y[ntr:]


class TanhNet(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:]))
        self.head = nn.Linear(sizes[-1], 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.head(x)


model = TanhNet([10, 128, 128, 128])
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.MSELoss()
for epoch in range(15):
    model.train()
    tot = 0
    for idx in torch.randperm(ntr).split(50):
        loss = loss_fn(model(Xtr[idx]), ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(idx)
    model.eval()
    with torch.no_grad():
        val = loss_fn(model(Xva), yva).item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} train mse {tot / ntr:.4f} val mse {val:.4f}")
print(f"final_metric={1 - val / yva.var().item():.4f}")
