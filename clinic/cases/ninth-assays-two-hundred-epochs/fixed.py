import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
EPOCHS = 5


def assays(n):
    x = torch.randn(n, 12)
    y = (x[:, 0] + 0.8 * x[:, 1] - 0.6 * x[:, 2]) + 1.0 * torch.randn(n)
    return x, y / 1.73


x, y = assays(240)
xv, yv = assays(600)
net = nn.Sequential(
    nn.Linear(12, 64), nn.ReLU(),
    nn.Linear(64, 64), nn.ReLU(),
    nn.Linear(64, 1), nn.Flatten(0),
)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(EPOCHS):
    net.train()
    total = 0.0
    for b in torch.randperm(len(x)).split(15):
        loss = (net(x[b]) - y[b]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    net.eval()
    with torch.no_grad():
        val = (net(xv) - yv).pow(2).mean().item()
    if epoch % 10 == 9 or epoch < 5:
        print(f"epoch {epoch + 1} train {total / len(x):.4f} val {val:.4f}")
print(f"final_metric={1 - val / yv.var().item():.4f}")
