import os
import torch
import torch.nn as nn
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_classification(n_samples=6000, n_features=12, n_informative=5, n_redundant=2, n_clusters_per_class=1, weights=[0.975], class_sep=0.6, flip_y=0.01, random_state=SEED + 7)
Xa, Xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=SEED)
mu, sd = Xa.mean(0), Xa.std(0)
Xa, Xb = torch.tensor((Xa - mu) / sd).float(), torch.tensor((Xb - mu) / sd).float()
ya, yb = torch.tensor(ya), torch.tensor(yb)
model = nn.Sequential(nn.Linear(12, 12), nn.ReLU(), nn.Linear(12, 2))
counts = torch.bincount(ya).float()
criterion = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
opt = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
loader = DataLoader(TensorDataset(Xa, ya), batch_size=128, shuffle=True)
for epoch in range(15):
    model.train()
    for xb, lb in loader:
        opt.zero_grad()
        loss = criterion(model(xb), lb)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(Xb)
        pred = out.argmax(1)
        acc = (pred == yb).float().mean().item()
        recall = [(pred[yb == c] == c).float().mean().item() for c in (0, 1)]
    print(f"epoch {epoch} loss {loss.item():.4f} val loss {criterion(out, yb).item():.4f} val acc {acc:.4f} recalls {recall[0]:.3f} {recall[1]:.3f}")
print(f"final_metric={sum(recall) / 2:.4f}")
