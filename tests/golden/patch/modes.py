import torch
from torch import nn

x, y = torch.randn(64, 4), torch.randn(64)
net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(), nn.Linear(8, 1), nn.Tanh())
opt = torch.optim.RMSprop(net.parameters())
loss_fn = nn.MSELoss()

for epoch in range(3):
    for i in range(0, 64, 16):
        xb, yb = x[i:i + 16], y[i:i + 16]
        opt.zero_grad()
        loss_fn(net(xb), yb).backward()
        opt.step()

    with torch.no_grad():  # how far are we?
        print(loss_fn(net(x).squeeze(1), y).item())
