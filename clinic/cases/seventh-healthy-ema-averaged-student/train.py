import copy
import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = (torch.tensor(d.data, dtype=torch.float32) - 4.9) / 6
y = torch.tensor(d.target)
p = torch.randperm(len(X))
xt, yt, xv, yv = X[p[:1400]], y[p[:1400]], X[p[1400:]], y[p[1400:]]
teacher = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.3), nn.Linear(96, 10))
opt = torch.optim.AdamW(teacher.parameters(), lr=2e-3)
for epoch in range(12):
    teacher.train()
    for i in torch.randperm(1400).split(32):
        loss = F.cross_entropy(teacher(xt[i]), yt[i])
        opt.zero_grad(); loss.backward(); opt.step()
    teacher.eval()
    with torch.no_grad():
        print("teacher", epoch, F.cross_entropy(teacher(xv), yv).item())
student = nn.Sequential(nn.Linear(64, 20), nn.ReLU(), nn.Linear(20, 10))
ema = copy.deepcopy(student).requires_grad_(False)
opt = torch.optim.AdamW(student.parameters(), lr=3e-3, weight_decay=0.01)
T = 2.0
for epoch in range(15):
    for i in torch.randperm(1400).split(32):
        with torch.no_grad():
            soft = F.softmax(teacher(xt[i]) / T, 1)
        out = student(xt[i])
        loss = 0.7 * T * T * F.kl_div(F.log_softmax(out / T, 1), soft, reduction="batchmean") + 0.3 * F.cross_entropy(out, yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for a, b in zip(ema.parameters(), student.parameters()):
                a.lerp_(b, 0.03)
    with torch.no_grad():
        acc = (ema(xv).argmax(1) == yv).float().mean().item()
    print(f"student epoch {epoch} loss {loss.item():.4f} val acc of the average {acc:.4f}")
print(f"final_metric={acc:.4f}")
