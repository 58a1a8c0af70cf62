import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor((X - 4.88) / 6.02).float()
y = torch.tensor(y)
perm = torch.randperm(len(y))
tr, te = perm[:1350], perm[1350:]
net = nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.4), nn.Linear(128, 10))
train_loss = nn.CrossEntropyLoss(label_smoothing=0.1)
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
for epoch in range(10):
    net.train()
    total = 0.0
    for idx in tr[torch.randperm(len(tr))].split(45):
        opt.zero_grad()
        loss = train_loss(net(X[idx]), y[idx])
        loss.backward()
        opt.step()
        total += loss.item() / 30
    net.eval()
    with torch.no_grad():
        out = net(X[te])
        val = nn.functional.cross_entropy(out, y[te]).item()
        acc = (out.argmax(1) == y[te]).float().mean().item()
    print(f"epoch {epoch} train {total:.4f} val {val:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
