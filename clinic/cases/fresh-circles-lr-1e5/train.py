import os
import torch
import torch.nn as nn
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

X, Y = make_circles(n_samples=1000, noise=0.1, factor=0.4, random_state=seed)
X = torch.from_numpy(X).float() / 0.55
Y = torch.from_numpy(Y).float().unsqueeze(1)
X_train, Y_train, X_val, Y_val = X[:700], Y[:700], X[700:], Y[700:]

model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), lr=1e-5, momentum=0.9)
loss_fn = nn.BCEWithLogitsLoss()

for i in range(800):
    sel = torch.randint(0, 700, (64,))
    opt.zero_grad()
    loss = loss_fn(model(X_train[sel]), Y_train[sel])
    loss.backward()
    opt.step()
    if i % 100 == 0:
        print(f"{i:4d} {loss.item():.4f}")

with torch.no_grad():
    val_acc = ((model(X_val) > 0).float() == Y_val).float().mean().item()
print(f"final_metric={val_acc:.4f}")
