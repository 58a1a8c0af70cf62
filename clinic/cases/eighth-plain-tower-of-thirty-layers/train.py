import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Layer(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.lin = nn.Linear(d, d)
        nn.init.kaiming_normal_(self.lin.weight, nonlinearity="relu")
        nn.init.zeros_(self.lin.bias)

    def forward(self, x):
        return F.relu(self.lin(self.norm(x)))


class Tower(nn.Module):
    def __init__(self, n_in, d, depth, n_out):
        super().__init__()
        self.inp = nn.Linear(n_in, d)
        self.layers = nn.ModuleList(Layer(d) for _ in range(depth))
        self.out = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, n_out))

    def forward(self, x):
        x = self.inp(x)
        for layer in self.layers:
            x = layer(x)
        return self.out(x)


centres = torch.randn(8, 4, 12)
y = torch.randint(0, 8, (2400,))
x = centres[y, torch.randint(0, 4, (2400,))] + 0.45 * torch.randn(2400, 12)
x = (x - x[:2000].mean(0)) / x[:2000].std(0)
net = Tower(12, 32, 30, 8)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(7):
    net.train()
    run = 0.0
    for idx in torch.randperm(2000).split(50):
        loss = F.cross_entropy(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        run += loss.item() / 40
    net.eval()
    with torch.no_grad():
        acc = (net(x[2000:]).argmax(1) == y[2000:]).float().mean().item()
    print(f"epoch {epoch} loss {run:.3f} val acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
