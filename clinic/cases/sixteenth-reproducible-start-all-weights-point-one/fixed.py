import os
import torch
from torch import nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(2000, noise=0.15, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y).long()
Xtr, ytr, Xte, yte = X[:1500], y[:1500], X[1500:], y[1500:]

model = nn.Sequential(nn.Linear(2, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 2))


def init_weights(m):
    if isinstance(m, nn.Linear):
        nn.init.xavier_uniform_(m.weight)
        nn.init.zeros_(m.bias)


model.apply(init_weights)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(30):
    running = 0
    for idx in torch.randperm(1500).split(50):
        optimizer.zero_grad()
        loss = criterion(model(Xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
        running += loss.item()
    if epoch % 5 == 4:
        with torch.no_grad():
            acc = (model(Xte).argmax(1) == yte).float().mean().item()
        print(epoch + 1, running / 30, acc)
print("final_metric={:.4f}".format(acc))
