import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
K = 6
means = torch.randn(K, 16)
lab = torch.randint(0, K, (2400,))
x = means[lab] + 0.9 * torch.randn(2400, 16)
x = (x - x[:2000].mean(0)) / x[:2000].std(0)


class Embed(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, d))

    def forward(self, x):
        return F.normalize(self.body(x), dim=1)


def angular_loss(z, y, margin=1.2):
    angle = torch.acos(z @ z.T)
    same = y[:, None] == y[None, :]
    pull = (angle ** 2)[same].mean()
    push = (F.relu(margin - angle) ** 2)[~same].mean()
    return pull + push


net = Embed()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    tot = 0.0
    for b in torch.randperm(2000).split(64):
        loss = angular_loss(net(x[b]), lab[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        tot += loss.item()
    print(f"epoch {epoch} loss {tot / 32:.4f}")
with torch.no_grad():
    zt, zq = net(x[:2000]), net(x[2000:])
    centre = torch.stack([zt[lab[:2000] == k].mean(0) for k in range(K)])
    acc = ((zq @ F.normalize(centre, dim=1).T).argmax(1) == lab[2000:]).float().mean().item()
print(f"final_metric={acc:.4f}")
