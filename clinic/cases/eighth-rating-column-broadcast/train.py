import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def make(n):
    x = torch.randn(n, 8)
    y = torch.tanh(x[:, 0] * x[:, 1]) + 0.7 * x[:, 2] - 0.5 * x[:, 3].abs() + 0.1 * torch.randn(n)
    return x, y


x, y = make(2000)
xv, yv = make(500)
shift, scale = y.mean(), y.std()


class Regressor:
    def __init__(self, lr=3e-3, epochs=25, batch=50):
        self.net = nn.Sequential(nn.Linear(8, 64), nn.SiLU(), nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 1))
        self.opt = torch.optim.Adam(self.net.parameters(), lr=lr)
        self.epochs, self.batch = epochs, batch

    def loss(self, pred, target):
        return ((pred - target) ** 2).mean()

    def forward(self, x):
        return self.net(x)

    def fit(self, x, y):
        for epoch in range(self.epochs):
            seen = 0.0
            for rows in torch.randperm(len(x)).split(self.batch):
                self.opt.zero_grad()
                loss = self.loss(self.forward(x[rows]), y[rows])
                loss.backward()
                self.opt.step()
                seen += float(loss) * len(rows)
            if epoch % 6 == 0:
                print("epoch", epoch, "mse", round(seen / len(x), 4))
        return self

    @torch.no_grad()
    def score(self, x, y):
        pred = self.forward(x).reshape(-1)
        return float(1 - (pred - y).square().mean() / y.var())


reg = Regressor().fit(x, (y - shift) / scale)
print(f"final_metric={reg.score(xv, (yv - shift) / scale):.4f}")
