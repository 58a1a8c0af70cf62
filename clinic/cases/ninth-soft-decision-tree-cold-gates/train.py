"""Soft decision tree of depth 5 on a synthetic tabular problem."""
import os
import torch
from torch import nn
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

CONFIG = dict(depth=5, temperature=0.01, lr=0.02, epochs=15, batch=64)
seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class SoftTree(nn.Module):
    def __init__(self, n_in, n_out, depth, temperature):
        super().__init__()
        self.depth = depth
        self.temperature = temperature
        self.gates = nn.Linear(n_in, 2 ** depth - 1)
        self.leaves = nn.Parameter(0.1 * torch.randn(2 ** depth, n_out))

    def forward(self, x):
        right = torch.sigmoid(self.gates(x) / self.temperature)
        path = x.new_ones(len(x), 1)
        start = 0
        for level in range(self.depth):
            g = right[:, start:start + 2 ** level]
            path = torch.stack([path * (1 - g), path * g], dim=2).flatten(1)
            start += 2 ** level
        return path @ self.leaves


X, y = make_classification(3000, 12, n_informative=8, n_redundant=0, n_classes=4, n_clusters_per_class=2,
                           class_sep=1.3, random_state=seed + 5)
X = torch.tensor(StandardScaler().fit(X[:2400]).transform(X), dtype=torch.float32)
y = torch.tensor(y)
tree = SoftTree(12, 4, CONFIG["depth"], CONFIG["temperature"])
opt = torch.optim.Adam(tree.parameters(), lr=CONFIG["lr"])
for epoch in range(CONFIG["epochs"]):
    losses = []
    for idx in torch.randperm(2400).split(CONFIG["batch"]):
        loss = nn.functional.cross_entropy(tree(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    with torch.no_grad():
        acc = (tree(X[2400:]).argmax(1) == y[2400:]).float().mean().item()
    print(f"epoch {epoch:02d} train {sum(losses) / len(losses):.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
