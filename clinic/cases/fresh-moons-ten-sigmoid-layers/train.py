import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = make_moons(n_samples=1500, noise=0.15, random_state=seed)
X = (X - X.mean(0)) / X.std(0)
Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, random_state=seed)
train_loader = DataLoader(
    TensorDataset(torch.tensor(Xtr).float(), torch.tensor(ytr)), batch_size=64, shuffle=True
)
Xva, yva = torch.tensor(Xva).float(), torch.tensor(yva)

ACTIVATION = nn.Sigmoid
DEPTH = 10
WIDTH = 48

layers = [nn.Linear(2, WIDTH), ACTIVATION()]
for _ in range(DEPTH - 1):
    layers += [nn.Linear(WIDTH, WIDTH), ACTIVATION()]
layers.append(nn.Linear(WIDTH, 2))
net = nn.Sequential(*layers)
for m in net:
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight)
        nn.init.zeros_(m.bias)

criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

for epoch in range(40):
    running = 0.0
    net.train()
    for xb, yb in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item()
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", running / len(train_loader))

net.eval()
with torch.no_grad():
    acc = (net(Xva).argmax(1) == yva).float().mean().item()
print(f"final_metric={acc}")
