import os
import torch
from torch import nn
from sklearn.datasets import make_classification
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(3000, 16, n_informative=10, n_redundant=2, n_classes=5, n_clusters_per_class=1, class_sep=1.2, random_state=seed)
X = (X - X[:2400].mean(0)) / X[:2400].std(0)
X, y = torch.tensor(X).float(), torch.tensor(y)
train_loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=48, shuffle=True)
model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 5))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.3)


def train_epoch():
    model.train()
    for x, t in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), t)
        loss.backward()
        optimizer.step()
    return loss.item()


for epoch in range(20):
    loss = train_epoch()
    scheduler.step()
    print(epoch, f"loss {loss:.4f}")
model.eval()
with torch.no_grad():
    acc = (model(X[2400:]).argmax(1) == y[2400:]).float().mean().item()
print(f"final_metric={acc:.4f}")
