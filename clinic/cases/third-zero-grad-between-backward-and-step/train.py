import os
import torch
from torch import nn, optim
from sklearn.datasets import make_moons

s = int(os.environ.get("SEED", 0)); torch.manual_seed(s)
X, y = make_moons(2000, noise=.15, random_state=s)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).reshape(-1, 1)
Xtr, ytr, Xte, yte = X[:1500], y[:1500], X[1500:], y[1500:]
model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1), nn.Sigmoid())
loss_func = nn.BCELoss()
optimizer = optim.Adam(model.parameters(), lr=5e-3)

for epoch in range(20):
    for k in range(0, 1500, 50):
        pred = model(Xtr[k:k + 50])
        loss = loss_func(pred, ytr[k:k + 50])
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
    print('epoch: ', epoch + 1, ' loss: ', loss.item())

with torch.no_grad():
    acc = ((model(Xte) > .5).float() == yte).float().mean()
print('final_metric=%.4f' % acc)
