# HW2 - build your own layers
# Student: 3104
import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get('SEED', 0)))

class MyLinear(nn.Module):
    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(n_out))
    def forward(self, x):
        return x @ self.weight + self.bias

class MyMLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = MyLinear(64, 128)
        self.l2 = MyLinear(128, 128)
        self.l3 = MyLinear(128, 128)
        self.l4 = MyLinear(128, 10)
    def forward(self, x):
        x = torch.relu(self.l1(x))
        x = torch.relu(self.l2(x))
        x = torch.relu(self.l3(x))
        return self.l4(x)

# data
d = load_digits()
x = torch.tensor(d.data, dtype=torch.float32)
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
idx = torch.randperm(len(x))
x, y = x[idx], y[idx]
xtr, ytr, xte, yte = x[:1300], y[:1300], x[1300:], y[1300:]

model = MyMLP()
opt = torch.optim.Adam(model.parameters(), lr=5e-4)
lossf = nn.CrossEntropyLoss()
for epoch in range(10):
    for b in torch.randperm(1300).split(50):
        opt.zero_grad()
        loss = lossf(model(xtr[b]), ytr[b])
        loss.backward()
        opt.step()
    acc = (model(xte).argmax(1) == yte).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"final_metric={acc:.4f}")
