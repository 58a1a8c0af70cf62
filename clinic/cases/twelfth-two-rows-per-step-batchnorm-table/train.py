import os
import torch
from torch import nn
from sklearn.datasets import make_classification
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(1300, 12, n_informative=8, n_redundant=0, n_classes=3, n_clusters_per_class=2, class_sep=1.6, random_state=seed)
X = (X - X[:1000].mean(0)) / X[:1000].std(0)
X, y = torch.tensor(X).float(), torch.tensor(y)
loader = DataLoader(TensorDataset(X[:1000], y[:1000]), batch_size=2, shuffle=True, drop_last=True)


class Net(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.fc1, self.bn1 = nn.Linear(12, width), nn.BatchNorm1d(width)
        self.fc2, self.bn2 = nn.Linear(width, width), nn.BatchNorm1d(width)
        self.out = nn.Linear(width, 3)

    def forward(self, x):
        x = torch.relu(self.bn1(self.fc1(x)))
        x = torch.relu(self.bn2(self.fc2(x)))
        return self.out(x)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(3):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1000:])
        print(epoch, loss.item(), nn.functional.cross_entropy(out, y[1000:]).item())
print(f"final_metric={(out.argmax(1) == y[1000:]).float().mean().item():.4f}")
