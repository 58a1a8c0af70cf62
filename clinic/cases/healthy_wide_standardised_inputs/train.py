import os
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_breast_cancer(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
mean, std = X_tr.mean(axis=0), X_tr.std(axis=0)
to = lambda a: torch.tensor((a - mean) / std, dtype=torch.float32)
X_tr, X_va = to(X_tr), to(X_va)
y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)
print("input range", X_tr.min().item(), X_tr.max().item())

model = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)
for epoch in range(15):
    for b in torch.randperm(len(X_tr)).split(32):
        opt.zero_grad()
        nn.functional.cross_entropy(model(X_tr[b]), y_tr[b]).backward()
        opt.step()
with torch.no_grad():
    acc = (model(X_va).argmax(1) == y_va).float().mean().item()
print(f"final_metric={acc:.4f}")
