import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class QLinear(nn.Linear):
    levels = 7

    def forward(self, x):
        w = self.weight
        step = w.detach().abs().max() / self.levels
        q = torch.round(w / step) * step
        return F.linear(x, q, self.bias)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.q1 = QLinear(20, 24)
        self.q2 = QLinear(24, 12)
        self.head = nn.Linear(12, 6)

    def forward(self, x):
        x = F.relu(self.q1(x))
        x = F.relu(self.q2(x))
        return self.head(x)


X, y = make_classification(4200, 20, n_informative=12, n_redundant=0, n_classes=6, n_clusters_per_class=2, class_sep=1.6, random_state=seed)
sc = StandardScaler().fit(X[:3500])
X, y = torch.tensor(sc.transform(X), dtype=torch.float32), torch.tensor(y)
Xt, yt, Xv, yv = X[:3500], y[:3500], X[3500:], y[3500:]

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    net.train()
    perm = torch.randperm(3500)
    for i in range(0, 3500, 70):
        j = perm[i:i + 70]
        loss = F.cross_entropy(net(Xt[j]), yt[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(Xv).argmax(1) == yv).float().mean().item()
    print(epoch, f"{loss.item():.3f}", f"{acc:.3f}")
print(f"final_metric={acc:.4f}")
