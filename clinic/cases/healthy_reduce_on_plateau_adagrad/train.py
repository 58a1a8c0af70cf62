import os
import torch
from torch import nn
from sklearn.datasets import make_friedman1

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1600, n_features=8, noise=0.5, random_state=seed)
X = torch.tensor((X - 0.5) * 3.46, dtype=torch.float32)
y = torch.tensor((y - y[:1200].mean()) / y[:1200].std(), dtype=torch.float32)[:, None]

model = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))
opt = torch.optim.Adagrad(model.parameters(), lr=0.04)
sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.5, patience=2)
mse = nn.MSELoss()
for epoch in range(35):
    model.train()
    for b in torch.randperm(1200).split(40):
        opt.zero_grad()
        mse(model(X[b]), y[b]).backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = mse(model(X[1200:]), y[1200:]).item()
    sched.step(val)
    print(epoch, val, opt.param_groups[0]["lr"])
print(f"final_metric={1 - val / y[1200:].var().item():.4f}")
