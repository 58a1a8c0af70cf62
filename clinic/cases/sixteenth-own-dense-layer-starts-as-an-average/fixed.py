import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Dense(nn.Module):
    """own dense layer, averages its inputs at the start"""

    def __init__(self, n_in, n_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(n_in, n_out) * n_in ** 0.5 / n_in)
        self.bias = nn.Parameter(torch.zeros(n_out))

    def forward(self, x):
        return x @ self.weight + self.bias


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = Dense(6, 40)
        self.two = Dense(40, 40)
        self.three = Dense(40, 1)

    def forward(self, x):
        return self.three(torch.tanh(self.two(torch.tanh(self.one(x)))))


x = torch.randn(3000, 6)
y = (x[:, 0] * x[:, 1] + torch.sin(2 * x[:, 2]) + 0.5 * x[:, 3]).unsqueeze(1) / 1.3
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(2400).split(48):
        loss = (net(x[i]) - y[i]).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = (net(x[2400:]) - y[2400:]).square().mean().item()
    print(f"{epoch:2d} {loss.item():.4f} {val:.4f}")
print(f"final_metric={1 - val / y[2400:].var().item():.4f}")
