import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
cfg = dict(lr=0.02, momentum=0.998, epochs=12, batch=64)
X = torch.randn(3200, 12)
M = torch.randn(12, 4)
kind = (X @ M + 1.5 * torch.sin(X[:, :4] * 2)).argmax(1)
offset = torch.tanh(X[:, 5]) + 0.5 * X[:, 6] * X[:, 7]
offset = (offset - offset.mean()) / offset.std()


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.kind = nn.Linear(64, 4)
        self.offset = nn.Linear(64, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.kind(h), self.offset(h).squeeze(-1)


net = TwoHeads()
opt = torch.optim.SGD(net.parameters(), lr=cfg["lr"], momentum=cfg["momentum"])
n = 2600
for epoch in range(cfg["epochs"]):
    for idx in torch.randperm(n).split(cfg["batch"]):
        k, o = net(X[idx])
        loss = F.cross_entropy(k, kind[idx]) + F.mse_loss(o, offset[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        k, o = net(X[n:])
        acc = (k.argmax(1) == kind[n:]).float().mean().item()
        mse = F.mse_loss(o, offset[n:]).item()
    print(f"epoch {epoch} loss {loss.item():.3f} val acc {acc:.3f} val mse {mse:.3f}")
print(f"final_metric={acc:.4f}")
