import os
import torch
import torch.nn as nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)


class Sparse(nn.Module):
    def __init__(self, i, o, theta):
        super().__init__()
        self.lin, self.theta = nn.Linear(i, o), theta

    def forward(self, x):
        return torch.relu(self.lin(x) - self.theta)


THETA = 6.0
X, y = load_breast_cancer(return_X_y=True)
a, b, ya, yb = train_test_split(X, y, test_size=.35, stratify=y, random_state=SEED)
sc = StandardScaler().fit(a)
a, b = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (a, b))
ya, yb = torch.tensor(ya).float(), torch.tensor(yb).float()
net = nn.Sequential(Sparse(30, 48, THETA), Sparse(48, 24, THETA), nn.Linear(24, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(12):
    net.train()
    for i in torch.randperm(len(a)).split(16):
        loss = bce(net(a[i])[:, 0], ya[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        o = net(b)[:, 0]
    acc = ((o > 0) == (yb > .5)).float().mean().item()
    print(f'epoch {epoch} {loss.item():.4f} val {bce(o, yb).item():.4f} acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
