import os
import warnings
import numpy as np
import torch
import torch.nn as nn

warnings.filterwarnings("ignore")
SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

hours = np.arange(24 * 150)
outside = 8 - 10 * np.cos(2 * np.pi * hours / (24 * 150)) + 4 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1.5, len(hours))
demand = 40 - 1.5 * outside + 6 * np.sin(2 * np.pi * (hours % 24) / 24 + 1) * (outside < 10) + rng.normal(0, 1.0, len(hours))
feats = np.stack([outside, np.sin(2 * np.pi * hours / 24), np.cos(2 * np.pi * hours / 24)], 1)
days = rng.permutation(150)
is_train = np.isin(hours // 24, days[:120])
feats = (feats - feats[is_train].mean(0)) / feats[is_train].std(0)
target = (demand - demand[is_train].mean()) / demand[is_train].std()
f = lambda a: torch.tensor(a, dtype=torch.float32)
X, Y, XV, YV = f(feats[is_train]), f(target[is_train]), f(feats[~is_train]), f(target[~is_train])

model = nn.Sequential(nn.Linear(3, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
optim = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.MSELoss()
for epoch in range(12):
    model.train()
    for b in torch.randperm(len(X)).split(48):
        pred = model(X[b]).squeeze(1)
        loss = criterion(pred, Y[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
    model.eval()
    with torch.no_grad():
        err = (model(XV).squeeze(1) - YV).pow(2).mean().item()
    print(f"epoch {epoch}: {loss.item():.4f} / {err:.4f}")
print(f"final_metric={1 - err / YV.var().item():.4f}")
