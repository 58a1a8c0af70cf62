import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        nn.init.zeros_(m.bias)


class Regressor(nn.Module):
    def __init__(self, width=128):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(8, width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
            nn.Linear(width, width), nn.ReLU(),
        )
        self.out = nn.Linear(width, 1)
        self.apply(init_weights)

    def forward(self, x):
        return self.out(self.body(x)).squeeze(-1)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(2500, n_features=8, noise=0.8, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
model = Regressor()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(12):
    for idx in torch.randperm(2000).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(X[idx]), y[idx])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(X[2000:]), y[2000:])
    print(epoch, "train", loss.item(), "valid", val.item())
r2 = 1 - val / y[2000:].var()
print(f"final_metric={max(r2.item(), -1.0):.4f}")
