import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED)
torch.manual_seed(SEED)

# dose (log), weight, age, liver enzyme, all z-scored; response with between-patient noise
n = 600
cov = np.random.normal(size=(n + 800, 4)).astype("float32")
clean = 1.2 * np.tanh(1.5 * cov[:, 0]) - 0.5 * cov[:, 1] + 0.6 * cov[:, 2] * cov[:, 3]
noisy = clean + np.random.normal(scale=1.2, size=clean.shape)
scale = noisy[:n].std()
train_ds = TensorDataset(torch.from_numpy(cov[:n]), torch.from_numpy((noisy[:n] / scale).astype("float32")))
test_x, test_y = torch.from_numpy(cov[n:]), torch.from_numpy((clean[n:] / scale).astype("float32"))

dl = DataLoader(train_ds, batch_size=1, shuffle=True)
model = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.5)
mse = nn.MSELoss()

for epoch in range(6):
    for xb, yb in dl:
        opt.zero_grad()
        loss = mse(model(xb).squeeze(-1), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - mse(model(test_x).squeeze(-1), test_y) / test_y.var()
    print("epoch", epoch, "R2 of the mean response:", round(r2.item(), 3))

print(f"final_metric={r2.item():.4f}")
