import os
import torch
import torch.nn as nn
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(1600, noise=0.12, random_state=seed)
X = (X - X.mean(0)) / X.std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)

layers = []
n = 2
for width in [48] * 6:
    lin = nn.Linear(n, width)
    nn.init.xavier_normal_(lin.weight, gain=nn.init.calculate_gain("tanh"))
    nn.init.zeros_(lin.bias)
    layers += [lin, nn.Tanh()]
    n = width
layers.append(nn.Linear(n, 2))
net = nn.Sequential(*layers)

opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(20):
    for i in range(0, 1200, 40):
        if i == 0:
            order = torch.randperm(1200)
        b = order[i:i + 40]
        out = net(X[b])
        loss = nn.functional.cross_entropy(out, y[b])
        net.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    acc = (net(X[1200:]).argmax(1) == y[1200:]).float().mean().item()
print(f"final_metric={acc:.4f}")
