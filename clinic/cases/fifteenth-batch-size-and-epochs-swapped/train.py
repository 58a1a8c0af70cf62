import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def events(n):
    """arrival patterns in 20 bins: steady, bursty, periodic"""
    y = torch.randint(0, 3, (n,))
    base = torch.ones(n, 20)
    centre = torch.randint(3, 17, (n, 1))
    burst = 3 * torch.exp(-((torch.arange(20) - centre) ** 2) / 4.0) + 0.3
    wave = 1 + torch.sin(1.2 * torch.arange(20) + 6.28 * torch.rand(n, 1))
    rate = torch.stack([base, burst, wave], 1)[torch.arange(n), y]
    return (torch.poisson(3 * rate) - 3) / 2.5, y


def fit(model, x, y, epochs, batch_size, lr=1e-3):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(batch_size):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            opt.step()
        print("epoch", epoch, "loss", loss.item())


x, y = events(6000)
xt, yt = events(1500)
net = nn.Sequential(
    nn.Unflatten(1, (1, 20)), nn.Conv1d(1, 12, 5, padding=2), nn.ReLU(), nn.Conv1d(12, 12, 5, padding=2), nn.ReLU(),
    nn.AdaptiveAvgPool1d(5), nn.Flatten(), nn.Linear(60, 3),
)
fit(net, x, y, 15, 3000)
with torch.no_grad():
    print(f"final_metric={(net(xt).argmax(1) == yt).float().mean().item():.4f}")
