import os
import torch
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, t = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std(), dtype=torch.float32)
t = torch.tensor(t)
p = torch.randperm(len(t)); X, t = X[p], t[p]

n_in, n_hidden, n_out = 64, 80, 10
W1 = torch.randn(n_in, n_hidden) * 4
b1 = torch.zeros(n_hidden)
W2 = torch.randn(n_hidden, n_hidden) * 4
b2 = torch.zeros(n_hidden)
W3 = torch.randn(n_hidden, n_out) * 0.1
b3 = torch.zeros(n_out)
weights = [W1, b1, W2, b2, W3, b3]
for w in weights:
    w.requires_grad = True

def forward(x):
    h1 = torch.sigmoid(x @ W1 + b1)
    h2 = torch.sigmoid(h1 @ W2 + b2)
    return h2 @ W3 + b3

alpha = 0.3
for epoch in range(20):
    for b in torch.randperm(1400).split(20):
        loss = torch.nn.functional.cross_entropy(forward(X[b]), t[b])
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= alpha * w.grad
                w.grad.zero_()
    with torch.no_grad():
        err = (forward(X[:1400]).argmax(1) != t[:1400]).float().mean().item()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss %.4f" % loss.item(), "training error rate %.4f" % err)
with torch.no_grad():
    print("final_metric=%.4f" % (forward(X[1400:]).argmax(1) == t[1400:]).float().mean().item())
