import os
import torch
from torch import nn
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_breast_cancer(return_X_y=True)
A, B, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=seed)
sc = StandardScaler().fit(A)
A, B = (torch.tensor(sc.transform(v), dtype=torch.float32) for v in (A, B))
ya, yb = (torch.tensor(v, dtype=torch.float32) for v in (ya, yb))
model = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4)


def closure():
    opt.zero_grad()
    ridge = sum(p.square().sum() for p in model.parameters())
    loss = nn.functional.binary_cross_entropy_with_logits(model(A).squeeze(1), ya) + 2e-3 * ridge
    loss.backward()
    return loss


for step in range(30):
    loss = opt.step(closure)
    if step % 5 == 0:
        print(step, loss.item())
with torch.no_grad():
    acc = ((model(B).squeeze(1) > 0).float() == yb).float().mean().item()
print(f"final_metric={acc:.4f}")
