# optimizer from scratch, so that I understand it
import os
import torch
from sklearn.datasets import make_moons

s = int(os.environ.get("SEED", 0))
g = torch.Generator().manual_seed(s)
X, y = make_moons(1500, noise=0.15, random_state=s)
X = (torch.tensor(X, dtype=torch.float32) - torch.tensor([0.5, 0.25])) / torch.tensor([0.87, 0.5])
y = torch.tensor(y, dtype=torch.float32)
Xtr, ytr, Xte, yte = X[:1000], y[:1000], X[1000:], y[1000:]

sizes = [2, 32, 32, 1]
params = []
for a, b in zip(sizes, sizes[1:]):
    params.append((torch.randn(a, b, generator=g) * (2 / a) ** 0.5).requires_grad_())
    params.append(torch.zeros(b, requires_grad=True))


def forward(x):
    W1, b1, W2, b2, W3, b3 = params
    h = torch.relu(x @ W1 + b1)
    h = torch.relu(h @ W2 + b2)
    return (h @ W3 + b3).squeeze(1)


ETA = 3.0
for epoch in range(30):
    order = torch.randperm(1000, generator=g)
    for i in range(0, 1000, 25):
        b = order[i:i + 25]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(forward(Xtr[b]), ytr[b])
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, dp in zip(params, grads):
                p -= ETA * dp
    if epoch % 5 == 0:
        print('epoch', epoch, 'loss', loss.item())
with torch.no_grad():
    acc = ((forward(Xte) > 0).float() == yte).float().mean().item()
print(f'final_metric={acc:.4f}')
