import os
import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)


class Highway(nn.Module):
    def __init__(self, size, gate_bias):
        super().__init__()
        self.transform = nn.Linear(size, size)
        self.gate = nn.Linear(size, size)
        nn.init.constant_(self.gate.bias, gate_bias)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        return t * torch.relu(self.transform(x)) + (1 - t) * x


class Model(nn.Module):
    def __init__(self, gate_bias=-1.0):
        super().__init__()
        self.h1 = Highway(8, gate_bias)
        self.h2 = Highway(8, gate_bias)
        self.h3 = Highway(8, gate_bias)
        self.out = nn.Linear(8, 2)

    def forward(self, x):
        return self.out(self.h3(self.h2(self.h1(x))))


def rings(n):
    x = torch.randn(n, 8)
    y = (x[:, :4].pow(2).sum(1) > x[:, 4:].pow(2).sum(1)).long()
    return x, y


x_train, y_train = rings(3000)
x_test, y_test = rings(1000)
model = Model()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(15):
    for idx in torch.randperm(3000).split(64):
        loss = criterion(model(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(x_test).argmax(1) == y_test).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
