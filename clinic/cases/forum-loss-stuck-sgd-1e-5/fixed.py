import os
import numpy as np
import torch, torch.nn as nn
np.random.seed(int(os.environ.get("SEED", 0))); torch.manual_seed(int(os.environ.get("SEED", 0)))

n = 6000
X = np.random.randn(n, 12)
score = np.stack([X[:, 0] * X[:, 1], X[:, 2] + X[:, 3] - .5, -X[:, 4] ** 2 + 1, X[:, 5] * 1.5, np.abs(X[:, 6]) * 2 - 2], 1)
Y = (score + .3 * np.random.randn(n, 5)).argmax(1)
X, Y = torch.tensor(X, dtype=torch.float32), torch.tensor(Y)
X_train, Y_train, X_test, Y_test = X[:5000], Y[:5000], X[5000:], Y[5000:]

model = nn.Sequential()
model.add_module("dense_1", nn.Linear(12, 40)); model.add_module("relu_1", nn.ReLU())
model.add_module("dense_2", nn.Linear(40, 20)); model.add_module("relu_2", nn.ReLU())
model.add_module("dense_3", nn.Linear(20, 5))
sgd = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
loss_fn = nn.CrossEntropyLoss()

for epoch in range(10):
    tot = acc = 0
    for b in torch.randperm(5000).split(50):
        out = model(X_train[b])
        loss = loss_fn(out, Y_train[b])
        sgd.zero_grad(); loss.backward(); sgd.step()
        tot += loss.item() * 50; acc += (out.argmax(1) == Y_train[b]).sum().item()
    print(f"Epoch {epoch + 1}/10 - loss: {tot / 5000:.4f} - acc: {acc / 5000:.4f}")
with torch.no_grad():
    print("final_metric=%.4f" % (model(X_test).argmax(1) == Y_test).float().mean())
