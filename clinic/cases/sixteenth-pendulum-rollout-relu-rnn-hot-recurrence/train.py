import os
import torch

SEED = int(os.getenv("SEED", 0))
torch.manual_seed(SEED)

# swing of a pendulum with a noisy angle sensor: where is it one step later?
def make(n, T=40):
    t = torch.arange(T).float()
    a = torch.rand(n, 1) * 2 - 1
    w = 0.1 + 0.3 * torch.rand(n, 1)
    x = a * torch.sin(w * t) + 0.05 * torch.randn(n, T)
    y = 2.4 * (a * torch.sin(w * T))[:, 0]      # one step ahead
    return 2.4 * x.unsqueeze(-1), y


class Cell(torch.nn.Module):
    def __init__(self, H):
        super().__init__()
        self.Wx = torch.nn.Parameter(torch.randn(1, H) * 0.5)
        self.Wh = torch.nn.Parameter(torch.randn(H, H) * 1.6 / H ** 0.5)
        self.b = torch.nn.Parameter(torch.zeros(H))
        self.read = torch.nn.Linear(H, 1)
        self.H = H

    def forward(self, x):
        h = torch.zeros(x.size(0), self.H)
        for t in range(x.size(1)):
            h = torch.relu(x[:, t] @ self.Wx + h @ self.Wh + self.b)
        return self.read(h)[:, 0]


model = Cell(32)
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
Xv, yv = make(500)
for it in range(500):
    X, y = make(64)
    pred = model(X)
    loss = ((pred - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0:
        with torch.no_grad():
            print(it, loss.item(), ((model(Xv) - yv) ** 2).mean().item())
with torch.no_grad():
    r2 = 1 - ((model(Xv) - yv) ** 2).mean() / yv.var()
print("final_metric=%.4f" % max(-10.0, torch.nan_to_num(r2, nan=-10.0).item()))
