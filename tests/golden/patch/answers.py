import torch
from torch import nn

x = torch.randn(64, 4)
y = (x[:, :1] > 0).float()
net = nn.Sequential(
    nn.Linear(4, 8),
    nn.ReLU(),
    nn.Linear(8, 1),
    nn.Sigmoid(),
)
opt = torch.optim.AdamW([{"params": net.parameters(), "lr": 1e-2}])
criterion = nn.BCEWithLogitsLoss()
for step in range(8):
    p = net(x)
    loss = criterion(p, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(((p > 0.5) == y).float().mean())
