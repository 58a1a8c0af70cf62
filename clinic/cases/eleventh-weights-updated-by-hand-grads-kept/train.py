"""Exercise 4.3: an MLP with nothing but tensors and autograd."""
import os
import math
import torch
from sklearn.datasets import make_moons

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_moons(1200, noise=0.15, random_state=int(os.environ.get("SEED", 0)))
X = torch.tensor(X).float()
X = (X - X.mean(0)) / X.std(0)
y = torch.tensor(y).float().view(-1, 1)
Xtr, ytr, Xte, yte = X[:900], y[:900], X[900:], y[900:]


def layer(n_in, n_out):
    w = torch.randn(n_in, n_out) * math.sqrt(2 / n_in)
    return w.requires_grad_(), torch.zeros(n_out).requires_grad_()


w1, b1 = layer(2, 20)
w2, b2 = layer(20, 20)
w3, b3 = layer(20, 1)
params = [w1, b1, w2, b2, w3, b3]


def net(x):
    h = torch.relu(x @ w1 + b1)
    h = torch.relu(h @ w2 + b2)
    return h @ w3 + b3


def bce(z, t):
    return (z.clamp(min=0) - z * t + torch.log1p(torch.exp(-z.abs()))).mean()


lr, batch = 0.1, 30
for epoch in range(20):
    order = torch.randperm(900)
    for k in range(0, 900, batch):
        idx = order[k:k + batch]
        loss = bce(net(Xtr[idx]), ytr[idx])
        loss.backward()
        with torch.no_grad():
            for p in params:
                p -= lr * p.grad
                
    with torch.no_grad():
        acc = ((net(Xte) > 0) == (yte > 0.5)).float().mean().item()
    if epoch % 4 == 0:
        print(f"epoch {epoch}: loss {loss.item():.4f}, test accuracy {acc:.3f}")
print(f"final_metric={acc:.4f}")
