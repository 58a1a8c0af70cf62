import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get("SEED", 0))
np.random.seed(SEED); torch.manual_seed(SEED)

data = load_wine()
X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, test_size=0.3, random_state=SEED, stratify=data.target)
sc = StandardScaler().fit(X_train)
X_train = torch.FloatTensor(sc.transform(X_train)); X_test = torch.FloatTensor(sc.transform(X_test))
y_train = torch.LongTensor(y_train); y_test = torch.LongTensor(y_test)

net = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 3))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
bs = 16
for epoch in range(40):
    perm = torch.randperm(len(X_train))
    for i in range(0, len(perm), bs):
        idx = perm[i:i+bs]
        loss = loss_fn(net(X_train[idx]), y_train[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 9:
        print(epoch + 1, loss.item())

with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"final_metric={acc:.4f}")
