import os
import numpy as np
import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_wine(return_X_y=True)
a, b, c, d = train_test_split(X, y, test_size=0.3, random_state=SEED, stratify=y)
m, s = a.mean(0), a.std(0)
a, b = torch.from_numpy((a - m) / s).float(), torch.from_numpy((b - m) / s).float()
c, d = torch.from_numpy(c), torch.from_numpy(d)

mlp = torch.nn.Sequential(
    torch.nn.Linear(13, 24), torch.nn.ReLU(),
    torch.nn.Linear(24, 24), torch.nn.ReLU(),
    torch.nn.Linear(24, 3),
)
lossf = torch.nn.CrossEntropyLoss()
opt = torch.optim.SGD(mlp.parameters(), lr=4.0, weight_decay=1e-3)
history = []
for step in range(400):
    pick = torch.randperm(len(a))[:32]
    loss = lossf(mlp(a[pick]), c[pick])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 20 == 19:
        with torch.no_grad():
            v = lossf(mlp(b), d).item()
            history.append((loss.item(), v))
            print(step + 1, *("%.4f" % h for h in history[-1]))
with torch.no_grad():
    acc = (mlp(b).argmax(1) == d).float().mean().item()
print("final_metric=%.4f" % acc)
