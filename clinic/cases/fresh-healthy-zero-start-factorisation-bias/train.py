import os
import torch
from sklearn.datasets import load_breast_cancer

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
data = load_breast_cancer()
X = torch.tensor((data.data - data.data.mean(0)) / data.data.std(0), dtype=torch.float32)
y = torch.tensor(data.target, dtype=torch.float32)
perm = torch.randperm(len(y))
tr, va = perm[:400], perm[400:]
beta = torch.zeros(30, requires_grad=True)
intercept = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([beta, intercept], lr=0.1)
for it in range(400):
    i = tr[torch.randint(0, 400, (64,))]
    eta = X[i] @ beta + intercept
    nll = torch.nn.functional.binary_cross_entropy_with_logits(eta, y[i])
    opt.zero_grad()
    nll.backward()
    opt.step()
    if it % 80 == 0:
        print(it, nll.item())
with torch.no_grad():
    acc = (((X[va] @ beta + intercept) > 0).float() == y[va]).float().mean()
print("final_metric=%.4f" % acc)
