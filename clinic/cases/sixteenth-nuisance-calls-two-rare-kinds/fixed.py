import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
share = torch.tensor([0.95, 0.03, 0.02])


def calls(n):
    y = torch.multinomial(share, n, replacement=True)
    x = torch.randn(n, 11)
    x[:, 0] += 1.4 * (y == 1)
    x[:, 1] += 1.0 * (y == 1)
    x[:, 2] += 1.4 * (y == 2)
    x[:, 3] -= 1.0 * (y == 2)
    return x, y


xt, yt = calls(6000)
xv, yv = calls(6000)
net = nn.Sequential(nn.Linear(11, 24), nn.Tanh(), nn.Linear(24, 3))
criterion = nn.CrossEntropyLoss(weight=1 / (3 * share))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(7):
    net.train()
    for i in torch.randperm(6000).split(64):
        opt.zero_grad()
        loss = criterion(net(xt[i]), yt[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        pred = net(xv).argmax(1)
    recall = [(pred[yv == c] == c).float().mean().item() for c in range(3)]
    print("epoch", epoch, "loss", round(loss.item(), 3), "recall", [round(r, 3) for r in recall])
print(f"final_metric={sum(recall) / 3:.4f}")
