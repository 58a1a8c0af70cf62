import os
import numpy as np
import torch
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def board(n):
    p = rng.uniform(-2, 2, (n, 2))
    return torch.tensor(p, dtype=torch.float32), torch.tensor(((np.floor(p[:, 0]) + np.floor(p[:, 1])) % 2), dtype=torch.float32)


class Classifier(torch.nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.lin1 = torch.nn.Linear(2, hidden)
        self.lin2 = torch.nn.Linear(hidden, hidden)
        self.lin3 = torch.nn.Linear(hidden, 1)

    def forward(self, p):
        p = torch.tanh(self.lin1(p))
        p = torch.tanh(self.lin2(p))
        return self.lin3(p).flatten()


X, Y = board(4000)
Xv, Yv = board(1000)
clf = Classifier(hidden=2)
opt = torch.optim.Adam(clf.parameters(), lr=0.01)


def batches(n, size):
    order = torch.randperm(n)
    for i in range(0, n, size):
        yield order[i:i + size]


for epoch in range(30):
    clf.train()
    for b in batches(4000, 100):
        loss = F.binary_cross_entropy_with_logits(clf(X[b]), Y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    clf.eval()
    with torch.no_grad():
        acc = ((clf(Xv) > 0) == Yv.bool()).float().mean().item()
    if epoch % 3 == 2:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f} acc {acc:.4f}")

print(f"final_metric={acc:.4f}")
