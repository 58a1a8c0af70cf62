import os
import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset


class CFG:
    seed = int(os.environ.get("SEED", 0))
    epochs = 12
    bs = 4096
    lr = 1e-3
    hidden = 64


torch.manual_seed(CFG.seed)
X, y = make_classification(n_samples=4000, n_features=20, n_informative=12, n_redundant=4, n_classes=4,
                           n_clusters_per_class=2, class_sep=1.6, flip_y=0.01, random_state=CFG.seed)
X = ((X - X.mean(0)) / X.std(0)).astype(np.float32)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.2, random_state=CFG.seed)
train_ds = TensorDataset(torch.tensor(X_tr), torch.tensor(y_tr))
valid_ds = TensorDataset(torch.tensor(X_va), torch.tensor(y_va))
train_dl = DataLoader(train_ds, batch_size=CFG.bs, shuffle=True)
valid_dl = DataLoader(valid_ds, batch_size=CFG.bs)


def train_fn(model, dl, opt, crit):
    model.train()
    losses = []
    for xb, yb in dl:
        opt.zero_grad()
        loss = crit(model(xb), yb)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return np.mean(losses)


@torch.no_grad()
def valid_fn(model, dl, crit):
    model.eval()
    hits, losses = 0, []
    for xb, yb in dl:
        out = model(xb)
        losses.append(crit(out, yb).item())
        hits += (out.argmax(1) == yb).sum().item()
    return np.mean(losses), hits / len(dl.dataset)


model = nn.Sequential(nn.Linear(20, CFG.hidden), nn.ReLU(), nn.Linear(CFG.hidden, CFG.hidden), nn.ReLU(), nn.Linear(CFG.hidden, 4))
opt = torch.optim.Adam(model.parameters(), lr=CFG.lr)
crit = nn.CrossEntropyLoss()
for ep in range(CFG.epochs):
    tr = train_fn(model, train_dl, opt, crit)
    va, acc = valid_fn(model, valid_dl, crit)
    print(f"[{ep + 1}/{CFG.epochs}] train {tr:.4f} valid {va:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
