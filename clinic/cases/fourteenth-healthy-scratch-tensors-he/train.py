import os
import torch
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(2400, noise=0.15, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y).float()

params = []
for a, b in [(2, 24), (24, 24), (24, 1)]:
    params += [(torch.randn(a, b) * (2 / a) ** 0.5).requires_grad_(), torch.zeros(b, requires_grad=True)]


def predict(x):
    w1, b1, w2, b2, w3, b3 = params
    h = torch.relu(x @ w1 + b1)
    h = torch.relu(h @ w2 + b2)
    return (h @ w3 + b3).squeeze(1)


for epoch in range(25):
    for idx in torch.randperm(1600).split(32):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(predict(X[idx]), y[idx])
        grads = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for p, g in zip(params, grads):
                p -= 0.1 * g
    with torch.no_grad():
        acc = ((predict(X[1600:]) > 0).float() == y[1600:]).float().mean().item()
    if epoch % 5 == 4:
        print(epoch + 1, loss.item(), acc)
print(f"final_metric={acc:.4f}")
