import os
import torch
from torch import nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data / 8 - 0.6, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(len(X))
tr, va = perm[:1400], perm[1400:]
teacher = nn.Sequential(nn.Linear(64, 200), nn.ReLU(), nn.Linear(200, 10))
student = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10))


def minibatches(bs=50):
    return tr[torch.randperm(len(tr))].split(bs)


opt = torch.optim.Adam(teacher.parameters(), lr=2e-3)
for epoch in range(8):
    for b in minibatches():
        opt.zero_grad()
        F.cross_entropy(teacher(X[b]), y[b]).backward()
        opt.step()

teacher.eval()
T = 3.0
opt = torch.optim.Adam(student.parameters(), lr=4e-3)
for epoch in range(20):
    student.train()
    for b in minibatches():
        with torch.no_grad():
            soft = F.softmax(teacher(X[b]) / T, dim=1)
        logits = student(X[b])
        kd = F.kl_div(F.log_softmax(logits / T, dim=1), soft, reduction="batchmean") * T * T
        loss = 0.7 * kd + 0.3 * F.cross_entropy(logits, y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
student.eval()
with torch.no_grad():
    acc = (student(X[va]).argmax(1) == y[va]).float().mean().item()
print(f"final_metric={acc:.4f}")
