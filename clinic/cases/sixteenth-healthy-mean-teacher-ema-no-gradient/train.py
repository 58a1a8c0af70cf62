import copy
import os
import torch
from torch import nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(2400, noise=0.2, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
y = torch.tensor(y)
lab, unl, tst = slice(0, 800), slice(800, 1900), slice(1900, 2400)
student = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
teacher = copy.deepcopy(student).requires_grad_(False)
opt = torch.optim.Adam(student.parameters(), lr=2e-3)
for epoch in range(20):
    for i in torch.randperm(800).split(32):
        j = torch.randint(0, 1100, (64,))
        with torch.no_grad():
            goal = teacher(X[unl][j] + 0.1 * torch.randn(64, 2)).softmax(1)
        out = student(X[unl][j] + 0.1 * torch.randn(64, 2)).softmax(1)
        loss = nn.functional.cross_entropy(student(X[lab][i]), y[lab][i]) + 0.5 * (out - goal).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for a, b in zip(teacher.parameters(), student.parameters()):
                a.lerp_(b, 0.05)
    with torch.no_grad():
        acc = (teacher(X[tst]).argmax(1) == y[tst]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
