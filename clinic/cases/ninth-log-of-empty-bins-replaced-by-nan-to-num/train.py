import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

profiles = rng.gamma(1.0, 6.0, size=(5, 20))
label = rng.integers(0, 5, 2400)
depth = rng.uniform(0.3, 1.2, size=(2400, 1))
counts = rng.poisson(profiles[label] * depth * rng.gamma(3.0, 1 / 3.0, size=(2400, 20))).astype(np.float32)

with np.errstate(divide="ignore"):
    feats = np.nan_to_num(np.log(counts))

x = torch.from_numpy(feats)
y = torch.from_numpy(label)
x_train, x_test = x[:2000], x[2000:]
y_train, y_test = y[:2000], y[2000:]


class SpeciesNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 48)
        self.fc2 = nn.Linear(48, 32)
        self.fc3 = nn.Linear(32, 5)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


net = SpeciesNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    cum = 0.0
    for i in torch.randperm(2000).split(40):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x_train[i]), y_train[i])
        loss.backward()
        optimizer.step()
        cum += loss.item()
    print(f"epoch {epoch} mean loss {cum / 50}")
with torch.no_grad():
    acc = (net(x_test).argmax(1) == y_test).float().mean().item()
print(f"final_metric={acc:.4f}")
