import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
HIDDEN = 3


def wave(n):
    x = torch.rand(n, 2) * 2 - 1
    y = torch.sin(5 * x[:, :1]) * torch.cos(4 * x[:, 1:]) + 0.03 * torch.randn(n, 1)
    return x * 1.73, y / 0.5


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(2, HIDDEN)
        self.mid = nn.Linear(HIDDEN, HIDDEN)
        self.out = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.mid(torch.tanh(self.inp(x)))))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
X, y = wave(3000)
Xt, yt = wave(800)
for epoch in range(25):
    for idx in torch.randperm(3000).split(60):
        loss = nn.functional.mse_loss(net(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        print(epoch + 1, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(Xt), yt) / yt.var()
print(f"final_metric={r2.item():.4f}")
