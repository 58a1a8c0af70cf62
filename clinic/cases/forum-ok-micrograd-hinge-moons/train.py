import os, random
import numpy as np
import torch
from torch import nn
from sklearn.datasets import make_moons

s = int(os.environ.get("SEED", 0))
np.random.seed(s); random.seed(s); torch.manual_seed(s)
X, y = make_moons(n_samples=300, noise=0.1)
y = y * 2 - 1  # make y be -1 or 1
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
Xt, yt = make_moons(n_samples=300, noise=0.1)

model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

def loss(batch_size=50):
    ri = torch.randperm(X.shape[0])[:batch_size]
    scores = model(X[ri]).squeeze(1)
    losses = (1 - y[ri] * scores).relu()
    data_loss = losses.mean()
    alpha = 1e-4
    reg_loss = alpha * sum((p * p).sum() for p in model.parameters())
    accuracy = ((y[ri] > 0) == (scores > 0)).float().mean()
    return data_loss + reg_loss, accuracy.item()

for k in range(600):
    total_loss, acc = loss()
    model.zero_grad()
    total_loss.backward()
    learning_rate = 0.5 - 0.45 * k / 600
    for p in model.parameters():
        p.data -= learning_rate * p.grad
    if k % 100 == 0:
        print(f"step {k} loss {total_loss.item():.4f}, accuracy {acc * 100}%")
with torch.no_grad():
    out = model(torch.tensor(Xt, dtype=torch.float32)).squeeze(1) > 0
print("final_metric=%.4f" % (out.numpy() == (yt > 0)).mean())
