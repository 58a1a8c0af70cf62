import os
import torch
import torch.nn as nn
from torch.nn.utils import clip_grad_value_

torch.manual_seed(int(os.environ.get("SEED", 0)))
WINDOW, HIDDEN, CLIP = 16, 24, 1e-4


def series(n):
    t = torch.arange(WINDOW + 1).float()
    freq = 0.2 + 0.6 * torch.rand(n, 1)
    phase = 6.28 * torch.rand(n, 1)
    s = torch.sin(freq * t + phase) + 0.05 * torch.randn(n, WINDOW + 1)
    return s[:, :-1, None], s[:, -1:]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(1, HIDDEN, batch_first=True)
        self.readout = nn.Linear(HIDDEN, 1)

    def forward(self, x):
        return self.readout(self.rnn(x)[0][:, -1])


train_x, train_y = series(1200)
valid_x, valid_y = series(300)
net = Forecaster()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
mse = nn.MSELoss()
for epoch in range(15):
    for idx in torch.randperm(len(train_x)).split(30):
        optimizer.zero_grad()
        loss = mse(net(train_x[idx]), train_y[idx])
        loss.backward()
        clip_grad_value_(net.parameters(), CLIP)
        optimizer.step()
    with torch.no_grad():
        val = mse(net(valid_x), valid_y).item()
    print(f"epoch {epoch + 1} | train {loss.item():.4f} | valid {val:.4f}")
print(f"final_metric={1 - val / valid_y.var().item():.4f}")
