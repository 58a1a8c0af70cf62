import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2500
F_ = rng.normal(size=(n, 12)).astype(np.float32)
ret = 0.8 * F_[:, 0] - 0.6 * F_[:, 1] * (F_[:, 2] > 0) + 0.4 * np.tanh(F_[:, 3] * 2) + 0.2 * rng.normal(size=n)
ret = ((ret - ret.mean()) / ret.std()).astype(np.float32)
X, Y = torch.from_numpy(F_), torch.from_numpy(ret)[:, None]


def block(i, o):
    return nn.Sequential(nn.Linear(i, o), nn.LayerNorm(o), nn.ReLU())


model = nn.Sequential(block(12, 64), block(64, 32), nn.Linear(32, 1), nn.ReLU())
optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4)
history = []
for epoch in range(15):
    model.train()
    for idx in torch.randperm(2000).split(50):
        loss = nn.functional.mse_loss(model(X[idx]), Y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        history.append(nn.functional.mse_loss(model(X[2000:]), Y[2000:]).item())
    print(epoch, history[-1])
print(f"final_metric={1 - history[-1] / Y[2000:].var().item():.4f}")
