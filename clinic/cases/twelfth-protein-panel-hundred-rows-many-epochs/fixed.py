import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
EPOCHS = 2


def panel(n):
    x = torch.randn(n, 20)
    logit = 1.8 * x[:, 0] - 1.4 * x[:, 1] + x[:, 2]
    return x, torch.bernoulli(torch.sigmoid(logit))


X, y = panel(12000)
Xv, yv = panel(1500)
net = nn.Sequential(nn.Linear(20, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(EPOCHS):
    net.train()
    running = 0.0
    for idx in torch.randperm(len(X)).split(24):
        loss = loss_fn(net(X[idx]).squeeze(1), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        running += loss.item() * len(idx)
    net.eval()
    with torch.no_grad():
        val = loss_fn(net(Xv).squeeze(1), yv).item()
    if epoch % 10 == 0 or epoch < 5:
        print(f"epoch {epoch:3d} train {running / len(X):.4f} val {val:.4f}")
print(f"final_metric={-val:.4f}")
