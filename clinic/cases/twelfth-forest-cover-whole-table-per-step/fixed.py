import os
import torch
from torch import nn
from sklearn.datasets import make_classification
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(6000, 12, n_informative=8, n_redundant=0, n_classes=4, n_clusters_per_class=2, class_sep=1.5, random_state=seed)
X = (X - X[:5000].mean(0)) / X[:5000].std(0)
X, y = torch.tensor(X).float(), torch.tensor(y)
dataset = TensorDataset(X[:5000], y[:5000])
loader = DataLoader(dataset, batch_size=64, shuffle=True)
net = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 4))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(15):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[5000:])
        print(epoch, loss.item(), loss_fn(out, y[5000:]).item())
acc = (out.argmax(1) == y[5000:]).float().mean().item()
print(f"final_metric={acc:.4f}")
