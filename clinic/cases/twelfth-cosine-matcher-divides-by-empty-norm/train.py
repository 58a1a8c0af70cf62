import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
centres = torch.randn(6, 10)


def data(n):
    y = torch.randint(0, 6, (n,))
    return centres[y] + 0.5 * torch.randn(n, 10), y


class Matcher(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 4), nn.ReLU())
        self.proto = nn.Parameter(torch.randn(6, 4))

    def forward(self, x):
        z = self.body(x)
        z = z / z.norm(dim=1, keepdim=True)
        p = F.normalize(self.proto, dim=1)
        return 8.0 * z @ p.t()


X, y = data(2000)
Xt, yt = data(600)
net = Matcher()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for idx in torch.randperm(2000).split(64):
        loss = F.cross_entropy(net(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    acc = (net(Xt).argmax(1) == yt).float().mean().item()
print(f"final_metric={acc:.4f}")
