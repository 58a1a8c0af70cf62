import os, copy
import torch
from torch import nn
from sklearn.datasets import make_moons
s = int(os.environ.get("SEED", 0)); torch.manual_seed(s)
X, y = make_moons(4000, noise=.18, random_state=s); X = torch.tensor((X - X.mean(0)) / X.std(0)).float(); y = torch.tensor(y)
student = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 2)); teacher = copy.deepcopy(student)
for p in teacher.parameters(): p.requires_grad = False
opt = torch.optim.Adam(student.parameters(), 3e-3)
for ep in range(12):
    for i in torch.randperm(3000).split(60):
        lo = student(X[i]); loss = nn.functional.cross_entropy(lo, y[i])
        with torch.no_grad(): tl = teacher(X[i] + .1 * torch.randn_like(X[i])).softmax(1)
        loss = loss + .3 * nn.functional.mse_loss(lo.softmax(1), tl)
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad():
            for a, b in zip(teacher.parameters(), student.parameters()): a.mul_(.98).add_(b, alpha=.02)
    with torch.no_grad(): print("epoch", ep, "loss", loss.item(), "teacher val", nn.functional.cross_entropy(teacher(X[3000:]), y[3000:]).item())
with torch.no_grad(): print("final_metric=%.4f" % (teacher(X[3000:]).argmax(1) == y[3000:]).float().mean().item())
