import os
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 5) / 6
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
X, y = X[perm], y[perm]
w1 = (torch.randn(64, 64) / 8).requires_grad_()
b1 = torch.zeros(64, requires_grad=True)
w2 = (torch.randn(64, 10) / 8).requires_grad_()
b2 = torch.zeros(10, requires_grad=True)
weights = [w1, b1, w2, b2]
forward = lambda x: F.relu(x @ w1 + b1) @ w2 + b2
for it in range(700):
    i = torch.randint(0, 1400, (50,))
    loss = F.cross_entropy(forward(X[i]), y[i])
    loss.backward()
    with torch.no_grad():
        for w in weights:
            w -= 0.15 * w.grad
            w.grad = None
    if it % 100 == 0:
        print(it, loss.item())
with torch.no_grad():
    print("final_metric=%.4f" % (forward(X[1400:]).argmax(1) == y[1400:]).float().mean())
