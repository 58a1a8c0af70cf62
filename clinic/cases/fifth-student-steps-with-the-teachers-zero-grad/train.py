import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

SEED = int(os.environ.get('SEED', 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
Xtr, Xva, ytr, yva = train_test_split(X, y, test_size=0.3, random_state=SEED, stratify=y)
sc = StandardScaler().fit(Xtr)
Xtr, Xva = (torch.tensor(sc.transform(a), dtype=torch.float32) for a in (Xtr, Xva))
ytr, yva = torch.tensor(ytr), torch.tensor(yva)


def net(width):
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 10))


def accuracy(m):
    m.eval()
    with torch.no_grad():
        return (m(Xva).argmax(1) == yva).float().mean().item()


teacher, student = net(128), net(24)

# 1. teacher
opt = torch.optim.SGD(teacher.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
for epoch in range(8):
    for b in torch.randperm(len(Xtr)).split(64):
        opt.zero_grad()
        F.cross_entropy(teacher(Xtr[b]), ytr[b]).backward()
        opt.step()
print('teacher', accuracy(teacher))
for p in teacher.parameters():
    p.requires_grad_(False)

# 2. student
T, alpha = 3.0, 0.7
opt = torch.optim.SGD(student.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)
for epoch in range(15):
    student.train()
    for b in torch.randperm(len(Xtr)).split(64):
        teacher.zero_grad()
        with torch.no_grad():
            t = teacher(Xtr[b])
        s = student(Xtr[b])
        kd = F.kl_div(F.log_softmax(s / T, 1), F.softmax(t / T, 1), reduction='batchmean') * T * T
        loss = alpha * kd + (1 - alpha) * F.cross_entropy(s, ytr[b])
        loss.backward()
        opt.step()
    print(epoch, loss.item(), accuracy(student))
print('final_metric=%.4f' % accuracy(student))
