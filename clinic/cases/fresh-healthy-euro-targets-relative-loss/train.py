import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
n = 1500
X = np.random.randn(n, 5).astype("float32")
price = (np.exp(0.4 * X[:, 0] + 0.2 * np.tanh(X[:, 1] * X[:, 2]) + 0.05 * np.random.randn(n)) * 300000).astype("float32")
Xt, yt = torch.tensor(X), torch.tensor(price)


class PriceModel(nn.Module):
    def __init__(self, typical):
        super().__init__()
        self.typical = typical
        self.net = nn.Sequential(nn.Linear(5, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))

    def forward(self, x):
        return self.typical * torch.exp(self.net(x).squeeze(-1))


def relative_error(pred, true):
    return ((pred - true).abs() / true).mean()


model = PriceModel(float(np.median(price[:1200])))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    for x, y in DataLoader(TensorDataset(Xt[:1200], yt[:1200]), batch_size=40, shuffle=True):
        loss = relative_error(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (1 - relative_error(model(Xt[1200:]), yt[1200:])))
