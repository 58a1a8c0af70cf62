import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data / 16.0, dtype=torch.float32)
X = X - X.mean(0)
y = torch.tensor(d.target)
i = torch.randperm(len(y))
train, test = i[:1300], i[1300:]
model = nn.Sequential(nn.Linear(64, 64), nn.ELU(), nn.Linear(64, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.8)
for epoch in range(4):
    model.train()
    s = 0.0
    for b in train[torch.randperm(len(train))].split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X[b]), y[b])
        loss.backward()
        opt.step()
        s += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        acc = (model(X[test]).argmax(1) == y[test]).float().mean().item()
    print(f"epoch {epoch:2d}  loss {s / len(train):.4f}  acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
