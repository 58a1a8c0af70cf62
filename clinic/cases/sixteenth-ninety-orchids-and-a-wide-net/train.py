import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
w = torch.zeros(25)
w[:5] = torch.tensor([1.0, -1.0, 0.8, 0.8, -0.6])


def flowers(n):
    x = torch.randn(n, 25)
    y = (x @ w + 0.8 * torch.randn(n) > 0).long()
    return x, y


xt, yt = flowers(90)
xv, yv = flowers(1000)
net = nn.Sequential(nn.Linear(25, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(150):
    net.train()
    for i in torch.randperm(len(xt)).split(30):
        loss = nn.functional.cross_entropy(net(xt[i]), yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.cross_entropy(net(xv), yv).item()
    if epoch % 10 == 0 or epoch < 10:
        print("epoch", epoch, "train", loss.item(), "val", val)
print(f"final_metric={-val:.4f}")
