import os
import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1400, n_features=6, noise=0.5, random_state=seed)
X = torch.tensor((X - 0.5) / 0.29, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
net = nn.Sequential(nn.Linear(6, 100), nn.ReLU(), nn.Dropout(0.1), nn.Linear(100, 100), nn.ReLU(), nn.Dropout(0.1), nn.Linear(100, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)


@torch.no_grad()
def predict_with_uncertainty(x, passes=30):
    net.train()  # keep the dropout masks random
    draws = torch.stack([net(x).squeeze(1) for _ in range(passes)])
    return draws.mean(0), draws.std(0)


for epoch in range(25):
    for b in torch.randperm(1000).split(40):
        loss = nn.functional.mse_loss(net(X[b]).squeeze(1), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
mean, sd = predict_with_uncertainty(X[1000:])
print("mean predictive sd", sd.mean().item())
print("final_metric=%.4f" % (1 - nn.functional.mse_loss(mean, y[1000:]) / y[1000:].var()).item())
