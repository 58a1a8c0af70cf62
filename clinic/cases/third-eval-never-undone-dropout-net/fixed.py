import os
import torch
import torch.nn as nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
g = torch.Generator().manual_seed(int(os.environ.get("SEED", 0)))
w = torch.randn(30, generator=g) * (torch.arange(30) < 6)
def cohort(n):
    x = torch.randn(n, 30, generator=g)
    return x, ((x @ w + 1.2 * torch.randn(n, generator=g)) > 0).float()
x_train, y_train = cohort(2500)
x_val, y_val = cohort(3000)
net = nn.Sequential(nn.BatchNorm1d(30), nn.Linear(30, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.6), nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.6), nn.Linear(128, 1))
bce = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
net.train()
for epoch in range(12):
    net.train()
    total = 0.
    for i in torch.randperm(2500, generator=g).split(50):
        opt.zero_grad()
        loss = bce(net(x_train[i]).flatten(), y_train[i]); loss.backward(); opt.step()
        total += loss.item() / 50
    net.eval()
    with torch.no_grad():
        v = bce(net(x_val).flatten(), y_val).item()
    print("epoch %d  train %.3f  val %.3f" % (epoch, total, v))
print("final_metric=%.4f" % -v)
