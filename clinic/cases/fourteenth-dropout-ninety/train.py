import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - 4.88) / 6.02).float()
y = torch.tensor(y)
order = torch.randperm(len(y))
X, y = X[order], y[order]
x_train, y_train, x_valid, y_valid = X[:1300], y[:1300], X[1300:], y[1300:]

DROP = 0.9


def dense(n_in, n_out):
    return nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(DROP))


model = nn.Sequential(dense(64, 64), dense(64, 64), nn.Linear(64, 10))
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
for epoch in range(14):
    model.train()
    mean_loss = 0.0
    for idx in torch.randperm(len(x_train)).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
        mean_loss += loss.item() * len(idx) / len(x_train)
    model.eval()
    with torch.no_grad():
        acc = (model(x_valid).argmax(1) == y_valid).float().mean().item()
    print(f"{epoch:2d} {mean_loss:.4f} {acc:.4f}")
print(f"final_metric={acc:.4f}")
