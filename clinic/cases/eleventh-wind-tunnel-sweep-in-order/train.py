import os
import numpy as np
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
rng = np.random.default_rng(int(os.environ.get("SEED", 0)))

# sweep: speed goes up slowly, at each speed some angles of attack
speed = np.repeat(np.linspace(10, 60, 100), 20)
angle = rng.uniform(-5, 15, speed.size)
stall = 1 / (1 + np.exp((angle - 11) / 0.8))
lift = (0.1 * angle + 0.3) * stall * (1 + 0.5 * np.sin(speed / 6)) * 2 + 0.02 * rng.normal(size=speed.size)
X = np.stack([speed, angle], 1)
X = (X - X.mean(0)) / X.std(0)
Y = (lift - lift.mean()) / lift.std()

grid = rng.permutation(speed.size)
test = np.sort(grid[:400])
train = np.sort(grid[400:])
Xtr, Ytr = torch.tensor(X[train]).float(), torch.tensor(Y[train]).float()
Xte, Yte = torch.tensor(X[test]).float(), torch.tensor(Y[test]).float()

net = torch.nn.Sequential(torch.nn.Linear(2, 64), torch.nn.Tanh(), torch.nn.Linear(64, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(40):
    order = torch.arange(len(Xtr))
    for k in range(0, len(order), 40):
        i = order[k:k + 40]
        loss = torch.mean((net(Xtr[i])[:, 0] - Ytr[i]) ** 2)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 8 == 7:
        with torch.no_grad():
            r2 = 1 - torch.mean((net(Xte)[:, 0] - Yte) ** 2) / Yte.var()
        print(epoch + 1, "loss %.4f  R2 %.4f" % (loss.item(), r2.item()))
print(f"final_metric={r2.item():.4f}")
