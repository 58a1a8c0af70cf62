import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_wine

SEED = int(os.environ.get("SEED", 0))
rng = np.random.RandomState(SEED)
torch.manual_seed(SEED)

X, y = load_wine(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y)
perm = torch.from_numpy(rng.permutation(len(X)))
tr, va = perm[:120], perm[120:]


class Embedder(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(13, 32)
        self.fc2 = nn.Linear(32, 2)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


def distance(a, b):
    return ((a - b) ** 2).sum(-1).sqrt()


def contrastive(d, same, margin=2.0):
    return (same * d ** 2 + (1 - same) * torch.relu(margin - d) ** 2).mean()


def knn_accuracy(net):
    net.eval()
    with torch.no_grad():
        dist = torch.cdist(net(X[va]), net(X[tr]))
    votes = y[tr][dist.topk(5, largest=False).indices]
    return (votes.mode(1).values == y[va]).float().mean().item()


net = Embedder()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.5)

for step in range(600):
    net.train()
    i = tr[torch.randint(0, len(tr), (64,))]
    j = tr[torch.randint(0, len(tr), (64,))]
    d = distance(net(X[i]), net(X[j]))
    loss = contrastive(d, (y[i] == y[j]).float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 99:
        print(f"step {step + 1} loss {loss.item():.4f} 5-nn val acc {knn_accuracy(net):.4f}")

print(f"final_metric={knn_accuracy(net):.4f}")
