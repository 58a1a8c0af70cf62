import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X, y = torch.tensor(d.data / 16, dtype=torch.float32), torch.tensor(d.target)
perm = torch.randperm(len(X))
trainX, trainY, testX, testY = X[perm[:1350]], y[perm[:1350]], X[perm[1350:]], y[perm[1350:]]

model = nn.Sequential(nn.Linear(64, 80), nn.ReLU(), nn.Linear(80, 80), nn.ReLU(), nn.Linear(80, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
ITERS = 27
sched = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=4 * ITERS, T_mult=2)
for epoch in range(12):
    for b in torch.randperm(1350).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(trainX[b]), trainY[b])
        loss.backward()
        opt.step()
        sched.step()
    with torch.no_grad():
        acc = (model(testX).argmax(1) == testY).float().mean().item()
    print(f"{epoch:2d} lr {opt.param_groups[0]['lr']:.4f} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
