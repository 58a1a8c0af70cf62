import os

import torch
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(3000, 20, n_informative=10, n_redundant=2, n_classes=4, class_sep=1.6, random_state=5)
sc = StandardScaler().fit(X[:2400])
X = torch.tensor(sc.transform(X), dtype=torch.float32)
y = torch.tensor(y)
loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=16, shuffle=True)

device = "cuda" if torch.cuda.is_available() else "cpu"
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4)).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
criterion = nn.CrossEntropyLoss()
ACCUM = 2
LOG_EVERY = 500
n = 0
for epoch in range(15):
    for i, (xb, yb) in enumerate(loader):
        out = model(xb.to(device))
        loss = criterion(out, yb.to(device)) / ACCUM
        loss.backward()
        n += 1
        if n % ACCUM == 0:
            optimizer.step()
            if n % LOG_EVERY == 0:
                print(f"step {n}: loss {loss.item() * ACCUM:.4f}")
                optimizer.zero_grad()
model.eval()
with torch.no_grad():
    acc = (model(X[2400:].to(device)).argmax(1).cpu() == y[2400:]).float().mean()
print(f"final_metric={acc:.4f}")
