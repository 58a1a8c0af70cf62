import os
import torch
from torch import nn
from sklearn.metrics import balanced_accuracy_score
torch.manual_seed(int(os.environ.get("SEED", 0)))

def transactions(n):
    y = (torch.rand(n) < .02).float()
    x = torch.randn(n, 12)
    x[:, :4] += y[:, None] * 1.1
    return x, y

x, y = transactions(12000); xt, yt = transactions(6000)
net = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 1))
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-3)
for epoch in range(6):
    net.train()
    for b in torch.randperm(len(x)).split(100):
        loss = criterion(net(x[b]).squeeze(1), y[b])
        opt.zero_grad(); loss.backward(); opt.step()
    net.eval()
    with torch.no_grad():
        z = net(xt).squeeze(1)
        print("epoch", epoch, "val loss", criterion(z, yt).item(), "accuracy", ((z > 0) == yt.bool()).float().mean().item())
print("final_metric=%.4f" % balanced_accuracy_score(yt.numpy(), (z > 0).numpy()))
