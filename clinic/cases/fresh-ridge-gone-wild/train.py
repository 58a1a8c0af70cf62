import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, y = make_classification(1500, n_features=20, n_informative=10, n_classes=4, n_clusters_per_class=2,
                           class_sep=1.6, random_state=seed)
X_tr, X_te, y_tr, y_te = train_test_split(X, y, test_size=0.3, random_state=seed)
sc = StandardScaler().fit(X_tr)
X_tr = torch.tensor(sc.transform(X_tr), dtype=torch.float32)
X_te = torch.tensor(sc.transform(X_te), dtype=torch.float32)
y_tr, y_te = torch.tensor(y_tr), torch.tensor(y_te)

mlp = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
opt = torch.optim.SGD(mlp.parameters(), lr=0.05, momentum=0.9, weight_decay=0.5)
for epoch in range(20):
    for b in torch.randperm(len(X_tr)).split(42):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(mlp(X_tr[b]), y_tr[b])
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    print(f"final_metric={(mlp(X_te).argmax(1) == y_te).float().mean().item():.4f}")
