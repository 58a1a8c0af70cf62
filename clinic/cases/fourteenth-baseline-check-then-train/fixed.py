import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std()).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
tr, te = perm[:1300], perm[1300:]


def block(a, b):
    return nn.Sequential(nn.Linear(a, b, bias=False), nn.BatchNorm1d(b), nn.ReLU())


model = nn.Sequential(block(64, 64), *[block(64, 64) for _ in range(9)], nn.Linear(64, 10))


@torch.no_grad()
def accuracy():
    model.eval()
    return (model(X[te]).argmax(1) == y[te]).float().mean().item()


optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
print("accuracy before training", accuracy())
for epoch in range(6):
    model.train()
    for idx in tr[torch.randperm(len(tr))].split(50):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
        loss.backward()
        optimizer.step()
    acc = accuracy()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
