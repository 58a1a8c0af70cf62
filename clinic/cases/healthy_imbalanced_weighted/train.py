import os

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

X, y = make_classification(4000, n_features=12, n_informative=6, n_redundant=2, n_clusters_per_class=1,
                           weights=[0.94], class_sep=1.6, flip_y=0, random_state=seed + 3)
Xt, Xv, yt, yv = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
m, s = Xt.mean(0), Xt.std(0)
Xt, Xv = ((torch.tensor((a - m) / s, dtype=torch.float32)) for a in (Xt, Xv))
yt_t = torch.tensor(yt)
counts = torch.bincount(yt_t).float()
weights = counts.sum() / (2 * counts)
print("class weights", weights.tolist())

net = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 2))
loss_fn = nn.CrossEntropyLoss(weight=weights)
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
loader = DataLoader(TensorDataset(Xt, yt_t), batch_size=64, shuffle=True)
for epoch in range(10):
    for xb, yb in loader:
        opt.zero_grad()
        loss_fn(net(xb), yb).backward()
        opt.step()
    with torch.no_grad():
        bal = balanced_accuracy_score(yv, net(Xv).argmax(1).numpy())
    print(epoch, bal)
print(f"final_metric={bal:.4f}")
