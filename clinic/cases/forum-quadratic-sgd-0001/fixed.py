import os
import numpy as np
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
# Create the neural network
model = nn.Sequential(
    nn.Linear(1, 16),
    nn.ReLU(),
    nn.Linear(16, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
)
sgd = torch.optim.SGD(model.parameters(), lr=0.2)
mse = nn.MSELoss()

# Create the training data
inputs = np.zeros((100, 1), dtype=np.float32)
targets = np.zeros((100, 1), dtype=np.float32)
for i in range(100):
    inputs[i] = 0.02 * i - 1.0
    targets[i, 0] = np.power(inputs[i, 0] - 0.5, 2)
inputs, targets = torch.from_numpy(inputs), torch.from_numpy(targets)

# Training loop
for it in range(1500):
    idx = torch.randint(0, 100, (20,))
    loss = mse(model(inputs[idx]), targets[idx])
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    if it % 100 == 0:
        print(it, loss.item())
with torch.no_grad():
    r2 = 1 - mse(model(inputs), targets) / targets.var()
print("final_metric=%.4f" % r2.item())
