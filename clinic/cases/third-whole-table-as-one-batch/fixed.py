import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
seed = int(os.environ.get("SEED", 0)); torch.manual_seed(seed)
X, y = make_classification(8000, 16, n_informative=10, n_redundant=0, n_classes=4, n_clusters_per_class=2, class_sep=1.6, flip_y=0, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32); y = torch.tensor(y)
X_train, X_test = X[:6400], X[6400:]
y_train, y_test = y[:6400], y[6400:]
batch_size = 64
model = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 4))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
n_epochs = 20
for epoch in range(n_epochs):
    order = torch.randperm(len(X_train))
    for start in range(0, len(order), batch_size):
        sel = order[start:start + batch_size]
        optimizer.zero_grad()
        loss = criterion(model(X_train[sel]), y_train[sel])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        tl = criterion(model(X_test), y_test).item()
    print("epoch %d/%d loss=%.4f test=%.4f" % (epoch + 1, n_epochs, loss.item(), tl))
with torch.no_grad():
    print("final_metric=%.4f" % (model(X_test).argmax(1) == y_test).float().mean().item())
