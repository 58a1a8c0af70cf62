import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
u = torch.linalg.qr(torch.randn(20, 4))[0]
v = torch.linalg.qr(torch.randn(15, 4))[0]
truth = u @ torch.diag(torch.tensor([3.0, 2.0, 1.2, 0.7])) @ v.T


def measure(n):
    x = torch.randn(n, 20)
    return x, x @ truth + 0.05 * torch.randn(n, 15)


x, y = measure(1500)
xv, yv = measure(300)


class TwoFactors(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(0.003 * torch.randn(20, 8))
        self.b = nn.Parameter(0.003 * torch.randn(8, 15))

    def forward(self, x):
        return x @ self.a @ self.b


net = TwoFactors()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
step = 0
for epoch in range(25):
    for b in torch.randperm(1500).split(50):
        loss = (net(x[b]) - y[b]).pow(2).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = (net(xv) - yv).pow(2).mean()
    print(f"epoch {epoch:2d} loss {loss.item():.4f} val {val.item():.5f}")
print(f"final_metric={(1 - val / yv.var()).item():.4f}")
