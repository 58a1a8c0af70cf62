import os
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Highway(nn.Module):
    def __init__(self, dim, gate_bias):
        super().__init__()
        self.transform = nn.Linear(dim, dim)
        self.gate = nn.Linear(dim, dim)
        nn.init.constant_(self.gate.bias, gate_bias)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        return t * torch.relu(self.transform(x)) + (1 - t) * x


class HighwayNet(nn.Module):
    def __init__(self, dim=32, depth=4, gate_bias=-10.0):
        super().__init__()
        self.inp = nn.Linear(2, dim)
        self.layers = nn.ModuleList([Highway(dim, gate_bias) for _ in range(depth)])
        self.out = nn.Linear(dim, 1)

    def forward(self, x):
        x = self.inp(x)
        for layer in self.layers:
            x = layer(x)
        return self.out(x)


def get(n, s):
    # four interleaved moons: two pairs, the second one shifted and flipped
    a, ya = make_moons(n // 2, noise=0.12, random_state=s)
    b, yb = make_moons(n // 2, noise=0.12, random_state=s + 1)
    b = b * [1, -1] + [0.0, 2.2]
    X = torch.cat([torch.tensor(a), torch.tensor(b)]).float()
    y = torch.cat([torch.tensor(ya), torch.tensor(yb)]).float().unsqueeze(1)
    return (X - torch.tensor([0.5, 1.0])) / torch.tensor([0.87, 1.2]), y


X, y = get(1600, 10 * seed)
Xv, yv = get(400, 10 * seed + 5)
net = HighwayNet()
optim = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-5)
loss_fn = nn.BCEWithLogitsLoss()

for epoch in range(30):
    net.train()
    for b in torch.randperm(len(X)).chunk(32):
        loss = loss_fn(net(X[b]), y[b])
        optim.zero_grad()
        loss.backward()
        optim.step()
    net.eval()
    with torch.no_grad():
        val_loss = loss_fn(net(Xv), yv).item()
        acc = ((net(Xv) > 0).float() == yv).float().mean().item()
    if epoch % 4 == 3:
        print(f"{epoch + 1}: loss {loss.item():.3f} val loss {val_loss:.3f} val acc {acc:.3f}")

print(f"final_metric={acc:.4f}")
