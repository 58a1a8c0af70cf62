import os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def task(n, w):
    x = torch.randn(n, 24)
    return x, (torch.tanh(2 * x @ w) @ readout).argmax(1)


readout = torch.randn(12, 4)
w_old = torch.randn(24, 12) / 24 ** 0.5
w_new = w_old + torch.randn(24, 3) @ torch.randn(3, 12) / 8


def accuracy(net, data):
    net.eval()
    with torch.no_grad():
        return (net(data[0]).argmax(1) == data[1]).float().mean().item()


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


class LoRALinear(nn.Module):
    def __init__(self, linear, rank=12):
        super().__init__()
        self.linear = linear
        for p in self.linear.parameters():
            p.requires_grad_(False)
        self.down = nn.Parameter(torch.zeros(rank, linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x):
        return self.linear(x) + x @ self.down.T @ self.up.T


base = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 4))
train(base, task(4000, w_old), epochs=6, lr=3e-3)

adapted = nn.Sequential(*[LoRALinear(m) if isinstance(m, nn.Linear) else m for m in base])
new_train, new_test = task(4000, w_new), task(2000, w_new)
print("before adapting", accuracy(adapted, new_test))
train(adapted, new_train, epochs=16, lr=5e-3)
print(f"final_metric={accuracy(adapted, new_test):.4f}")
