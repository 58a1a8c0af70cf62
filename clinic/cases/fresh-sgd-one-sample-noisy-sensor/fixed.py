import os
import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

n = 1200
X = np.random.randn(n, 20).astype("float32")
signal = np.tanh(X[:, 0] + X[:, 1]) + 0.5 * X[:, 2]
y = (signal + 1.5 * np.random.randn(n)).astype("float32")
X_test = np.random.randn(500, 20).astype("float32")
y_test = np.tanh(X_test[:, 0] + X_test[:, 1]) + 0.5 * X_test[:, 2]  # noise-free reference

BATCH_SIZE = 64
STEPS = 1200
loader = DataLoader(TensorDataset(torch.tensor(X), torch.tensor(y)), batch_size=BATCH_SIZE, shuffle=True)

model = torch.nn.Sequential(torch.nn.Linear(20, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.04)
step = 0
while step < STEPS:
    for xb, yb in loader:
        loss = torch.nn.functional.mse_loss(model(xb)[:, 0], yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        if step % 200 == 0:
            print(step, loss.item())
        step += 1
        if step >= STEPS:
            break
with torch.no_grad():
    p = model(torch.tensor(X_test))[:, 0].numpy()
print("final_metric=%.4f" % (1 - ((p - y_test) ** 2).mean() / y_test.var()))
