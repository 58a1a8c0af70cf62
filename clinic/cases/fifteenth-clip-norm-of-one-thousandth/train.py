import os
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Forecaster(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(1, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        h, _ = self.rnn(x)
        return self.out(h[:, -1])


def series(n, T=24):
    f = 0.2 + 0.6 * torch.rand(n, 1)
    ph = 6.28 * torch.rand(n, 1)
    t = torch.arange(T + 1)
    s = torch.sin(f * t + ph) * 1.3 + 0.05 * torch.randn(n, T + 1)
    return s[:, :T, None], s[:, T:]


x, y = series(2000)
xv, yv = series(500)
model = Forecaster()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(15):
    for idx in torch.randperm(2000).split(40):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x[idx]), y[idx])
        loss.backward()
        clip_grad_norm_(model.parameters(), 1e-3)
        optimizer.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(xv), yv)
    print(f"epoch {epoch} val mse {val.item():.4f}")
print(f"final_metric={1 - val.item() / yv.var().item():.4f}")
