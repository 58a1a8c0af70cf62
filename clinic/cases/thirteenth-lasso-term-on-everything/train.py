import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1

L1 = 0.02
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1600, n_features=12, noise=0.5, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor((y - y.mean()) / y.std()).float()


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(12, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))

    def forward(self, x):
        return self.f(x)[:, 0]

    def penalty(self):
        return sum(p.abs().sum() for n, p in self.named_parameters() if "weight" in n)


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(15):
    for b in torch.randperm(1200).split(40):
        pred = model(X[b])
        mse = (pred - y[b]).square().mean()
        loss = mse + L1 * model.penalty()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, "mse", mse.item(), "penalty", model.penalty().item())
with torch.no_grad():
    r2 = 1 - (model(X[1200:]) - y[1200:]).square().mean() / y[1200:].var()
print(f"final_metric={r2.item():.4f}")
