import os
import numpy as np
import torch
from sklearn.datasets import make_classification

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)

X, y = make_classification(3000, 20, n_informative=8, n_redundant=0, n_classes=3, class_sep=1.6, random_state=seed)
patient = rng.permutation(3000)
order = np.argsort(patient)
# visits in order of the patient number
X = X[order]
y = y[order]
X = (X - X.mean(0)) / X.std(0)
X, y = torch.from_numpy(X).float(), torch.from_numpy(y).long()
X_tr, y_tr = X[:2200], y[:2200]
X_va, y_va = X[2200:], y[2200:]

model = torch.nn.Sequential(
    torch.nn.Linear(20, 64), torch.nn.ReLU(), torch.nn.Dropout(0.2),
    torch.nn.Linear(64, 3),
)
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
ce = torch.nn.CrossEntropyLoss()
for epoch in range(15):
    model.train()
    tot = 0.
    for b in torch.randperm(2200).split(50):
        opt.zero_grad()
        loss = ce(model(X_tr[b]), y_tr[b])
        loss.backward()
        opt.step()
        tot += loss.item()
    model.eval()
    with torch.no_grad():
        out = model(X_va)
        acc = (out.argmax(1) == y_va).float().mean().item()
        print(f"{epoch}: train {tot/44:.4f} valid {ce(out, y_va):.4f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
