import os
import torch
import torch.nn as nn
from torch.optim import Optimizer
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class HeavyBall(Optimizer):
    """v <- beta v + g ;  w <- w - lr v"""

    def __init__(self, params, lr, beta):
        super().__init__(params, dict(lr=lr, beta=beta, momentum=beta))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                st = self.state[p]
                v = st.setdefault("v", torch.zeros_like(p))
                v.mul_(group["beta"]).add_(p.grad)
                p.add_(v, alpha=-group["lr"])


digits = load_digits()
X = torch.tensor(digits.data, dtype=torch.float32)
X = (X - X.mean()) / X.std()
y = torch.tensor(digits.target)
perm = torch.randperm(len(y))
X, y = X[perm], y[perm]
Xtr, ytr, Xva, yva = X[:1400], y[:1400], X[1400:], y[1400:]

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = HeavyBall(model.parameters(), lr=0.01, beta=0.997)
for epoch in range(10):
    losses = []
    for idx in torch.randperm(1400).split(28):
        loss = nn.functional.cross_entropy(model(Xtr[idx]), ytr[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    with torch.no_grad():
        acc = (model(Xva).argmax(1) == yva).float().mean().item()
    print(epoch, "mean loss", round(sum(losses) / len(losses), 4), "val acc", round(acc, 4))
print(f"final_metric={acc:.4f}")
