import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
readout = torch.randn(10, 3)
w_old = torch.randn(20, 10) / 20 ** 0.5
w_new = w_old + torch.randn(20, 2) @ torch.randn(2, 10) / 8


def task(n, w):
    x = torch.randn(n, 20)
    return x, (torch.tanh(2 * x @ w) @ readout).argmax(1)


class LoRALinear(nn.Module):
    def __init__(self, linear, rank=12):
        super().__init__()
        self.linear = linear.requires_grad_(False)
        self.down = nn.Parameter(torch.randn(rank, linear.in_features) / linear.in_features ** 0.5)
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) + x @ self.down.T @ self.up.T


def train(net, data, epochs, lr):
    opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=lr)
    for epoch in range(epochs):
        net.train()
        for idx in torch.randperm(len(data[0])).split(64):
            opt.zero_grad()
            loss = F.cross_entropy(net(data[0][idx]), data[1][idx])
            loss.backward()
            opt.step()
        print(epoch, loss.item())


def accuracy(net, x, y):
    net.eval()
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


base = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
train(base, task(4000, w_old), 6, 2e-3)
new_test = task(2000, w_new)
print("before", accuracy(base, *new_test))
adapted = nn.Sequential(*[LoRALinear(m) if isinstance(m, nn.Linear) else m for m in base])
train(adapted, task(4000, w_new), 14, 4e-3)
print(f"final_metric={accuracy(adapted, *new_test):.4f}")
