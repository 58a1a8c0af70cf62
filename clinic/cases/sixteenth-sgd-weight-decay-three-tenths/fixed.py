import os
import torch
from torch import nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - X.mean()) / X.std()).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
X, y = X[perm], y[perm]
Xt, yt, Xv, yv = X[:1300], y[:1300], X[1300:], y[1300:]


class MLP(nn.Module):
    def __init__(self, n_in=64, n_hidden=64, n_out=10):
        super().__init__()
        self.lin1 = nn.Linear(n_in, n_hidden)
        self.lin2 = nn.Linear(n_hidden, n_hidden)
        self.lin3 = nn.Linear(n_hidden, n_out)

    def forward(self, x):
        x = self.lin1(x).relu()
        x = self.lin2(x).relu()
        return self.lin3(x)


model = MLP()
optimizer = torch.optim.SGD(params=model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
for epoch in range(10):
    for i in torch.randperm(1300).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(Xt[i]), yt[i])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(Xv).argmax(1) == yv).float().mean().item()
    print(f"epoch={epoch} loss={loss.item():.4f} val_acc={acc:.4f}")
print(f"final_metric={acc:.4f}")
