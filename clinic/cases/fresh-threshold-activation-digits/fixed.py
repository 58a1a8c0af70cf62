import os
import torch, torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

digits = load_digits()
X = torch.tensor(digits.data, dtype=torch.float32)
X = (X - X.mean()) / X.std()
Y = torch.tensor(digits.target)
perm = torch.randperm(len(X))
X, Y = X[perm], Y[perm]
X_train, Y_train, X_test, Y_test = X[:1300], Y[:1300], X[1300:], Y[1300:]

THETA = 0.0

model = nn.Sequential(
    nn.Linear(64, 128),
    nn.Threshold(THETA, 0.0),
    nn.Linear(128, 64),
    nn.Threshold(THETA, 0.0),
    nn.Linear(64, 10),
)
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(15):
    order = torch.randperm(len(X_train))
    for i in range(0, len(order), 32):
        ix = order[i:i + 32]
        loss = loss_fn(model(X_train[ix]), Y_train[ix])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"epoch {epoch + 1}/15 loss={loss.item():.3f}")
with torch.no_grad():
    acc = (model(X_test).argmax(-1) == Y_test).float().mean()
print(f"final_metric={acc:.4f}")
