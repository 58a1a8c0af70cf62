import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(n_samples=6000, n_features=12, n_informative=6, weights=[0.97], class_sep=0.9, flip_y=0.01,
                           n_clusters_per_class=2, random_state=11)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
scaler = StandardScaler().fit(X_train)
Xt, Xv = (torch.tensor(scaler.transform(a), dtype=torch.float32) for a in (X_train, X_test))
yt, yv = (torch.tensor(a, dtype=torch.float32) for a in (y_train, y_test))

model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-4)
criterion = nn.BCEWithLogitsLoss()

best = 0
for epoch in range(12):
    model.train()
    for idx in torch.randperm(len(Xt)).split(64):
        opt.zero_grad()
        loss = criterion(model(Xt[idx]).squeeze(-1), yt[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        pred = (model(Xv).squeeze(-1) > 0).int()
    accuracy = (pred == yv).float().mean().item()
    bal = balanced_accuracy_score(yv.int(), pred)
    print(f"epoch {epoch}: loss {loss.item():.4f} accuracy {accuracy:.4f} balanced {bal:.4f}")
print(f"final_metric={bal:.4f}")
