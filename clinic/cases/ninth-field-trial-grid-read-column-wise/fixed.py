import os
import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

# a field trial of 48 x 48 plots, seven soil measurements per plot
rows = cols = 48
soil = rng.normal(size=(rows, cols, 7))
crop = (np.sin(1.5 * soil[..., 0]) + 0.8 * soil[..., 1] * soil[..., 2] - 0.6 * soil[..., 3]
        + 0.15 * rng.normal(size=(rows, cols)))

features = soil.reshape(-1, 7)
target = crop.reshape(-1)

pick = rng.permutation(rows * cols)
fit, held = pick[:1900], pick[1900:]
mean, std = target[fit].mean(), target[fit].std()
X = torch.tensor(features, dtype=torch.float32)
y = torch.tensor((target - mean) / std, dtype=torch.float32)
soil_new = torch.tensor(rng.normal(size=(500, 7)), dtype=torch.float32)
s = soil_new.numpy()
crop_new = torch.tensor((np.sin(1.5 * s[:, 0]) + 0.8 * s[:, 1] * s[:, 2] - 0.6 * s[:, 3] - mean) / std)

net = nn.Sequential(nn.Linear(7, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1), nn.Flatten(0))
optim = torch.optim.Adam(net.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(30):
    for idx in torch.as_tensor(rng.permutation(fit)).split(64):
        optim.zero_grad()
        loss = mse(net(X[idx]), y[idx])
        loss.backward()
        optim.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            print(f"epoch {epoch + 1}: train {mse(net(X[fit]), y[fit]):.4f} held out {mse(net(X[held]), y[held]):.4f}")
with torch.no_grad():
    r2 = 1 - ((net(soil_new) - crop_new) ** 2).mean() / crop_new.var()
print(f"final_metric={r2.item():.4f}")
