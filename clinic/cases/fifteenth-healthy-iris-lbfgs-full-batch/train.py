import os

import torch
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_iris(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)
Xa, Xb, ya, yb = train_test_split(torch.tensor(X, dtype=torch.float32), torch.tensor(y), test_size=0.4, random_state=SEED, stratify=y)
model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))
opt = torch.optim.LBFGS(model.parameters(), lr=0.3, max_iter=5)


def closure():
    opt.zero_grad()
    penalty = sum((p**2).sum() for p in model.parameters())
    loss = torch.nn.functional.cross_entropy(model(Xa), ya) + 5e-3 * penalty
    loss.backward()
    return loss


for it in range(60):
    loss = opt.step(closure)
    if it % 10 == 0:
        print(it, loss.item())
with torch.no_grad():
    print(f"final_metric={(model(Xb).argmax(1) == yb).float().mean().item():.4f}")
