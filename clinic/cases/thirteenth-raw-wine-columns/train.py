import os
import numpy as np
import torch
from torch import nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

wine = load_wine()
print(wine.feature_names)
X = wine.data
y = wine.target
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.35, stratify=y, random_state=seed)

X_train = torch.FloatTensor(X_train)
X_test = torch.FloatTensor(X_test)
y_train = torch.LongTensor(y_train)
y_test = torch.LongTensor(y_test)

net = nn.Sequential(nn.Linear(13, 32), nn.Tanh(), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
lf = nn.CrossEntropyLoss()
for epoch in range(80):
    for idx in torch.randperm(len(X_train)).split(16):
        opt.zero_grad()
        out = net(X_train[idx])
        loss = lf(out, y_train[idx])
        loss.backward()
        opt.step()
    if (epoch + 1) % 20 == 0:
        print("epoch", epoch + 1, "loss", loss.item())

with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"final_metric={acc:.4f}")
