import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor((d.data - 4.9) / 6, dtype=torch.float32)
y = torch.tensor(d.target)
p = torch.randperm(len(y))
tr, te = p[:1400], p[1400:]


def mlp(h):
    return nn.Sequential(nn.Linear(64, h), nn.ReLU(), nn.Dropout(0.1), nn.Linear(h, 10))


def accuracy(net):
    net.eval()
    with torch.no_grad():
        return (net(x[te]).argmax(1) == y[te]).float().mean().item()


def train(net, loss_of, epochs):
    opt = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(epochs):
        net.train()
        for b in tr[torch.randperm(len(tr))].split(32):
            opt.zero_grad()
            loss = loss_of(net, b)
            loss.backward()
            opt.step()
        print(f"  epoch {epoch} loss {loss.item():.4f}")


teacher, student = mlp(128), mlp(24)
train(teacher, lambda net, b: F.cross_entropy(net(x[b]), y[b]), 7)
print("teacher", accuracy(teacher))
teacher.eval()
T = 2.0


def distil(net, b):
    with torch.no_grad():
        soft = F.softmax(teacher(x[b]) / T, 1)
    logits = net(x[b])
    return F.kl_div(F.log_softmax(logits / T, 1), soft, reduction="batchmean") * T * T + 0.5 * F.cross_entropy(logits, y[b])


train(student, distil, 9)
print(f"final_metric={accuracy(student):.4f}")
