import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def sample(n):
    X = rng.normal(size=(n, 25)).astype("float32")
    score = X[:, 0] + X[:, 1] * X[:, 2] + 0.8 * X[:, 3]
    y = (score + rng.normal(scale=1.0, size=n) > 0).astype("int64")
    return torch.tensor(X), torch.tensor(y)


X_train, y_train = sample(1600)
X_test, y_test = sample(1500)
train_loader = DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True)

model = nn.Sequential(
    nn.Linear(25, 128), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.6),
    nn.Linear(64, 2),
)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)


def evaluate(X, y):
    model.eval()
    with torch.no_grad():
        out = model(X)
    return loss_fn(out, y).item(), (out.argmax(1) == y).float().mean().item()


print("before training: loss %.4f acc %.4f" % evaluate(X_test, y_test))
for epoch in range(12):
    model.train()
    running = 0.0
    for X, y in train_loader:
        optimizer.zero_grad()
        loss = loss_fn(model(X), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    if epoch % 3 == 2:
        print("epoch %d train loss %.4f" % (epoch + 1, running / len(train_loader)), "test loss %.4f acc %.4f" % evaluate(X_test, y_test))
test_loss, acc = evaluate(X_test, y_test)
print(f"after training: loss {test_loss:.4f} acc {acc:.4f}")
print(f"final_metric={-test_loss:.4f}")
