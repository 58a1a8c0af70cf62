import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ["SEED"]) if "SEED" in os.environ else 0
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

m, n, iters = 30, 50, 14
D = rng.normal(size=(m, n)).astype("float32")
D /= np.linalg.norm(D, axis=0, keepdims=True)


def draw(count):
    z = rng.normal(size=(count, n)) * (rng.random((count, n)) < 0.06)
    x = z @ D.T + 0.01 * rng.normal(size=(count, m))
    return torch.tensor(x, dtype=torch.float32), torch.tensor(z, dtype=torch.float32)


class LISTA(nn.Module):
    def __init__(self, D, iters):
        super().__init__()
        D = torch.from_numpy(D)
        L = float(torch.linalg.matrix_norm(D, 2)) ** 2
        self.encode = nn.Parameter(D.T / L)
        self.S = nn.Parameter(torch.eye(D.shape[1]) - D.T @ D / L)
        self.theta = nn.Parameter(torch.full((iters,), 0.05))

    def forward(self, x):
        b = x @ self.encode.T
        z = torch.zeros_like(b)
        for t in self.theta:
            v = b + z @ self.S.T
            z = torch.sign(v) * torch.relu(v.abs() - t.abs())
        return z


x, z = draw(3000)
xv, zv = draw(500)
net = LISTA(D, iters)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(12):
    for idx in torch.randperm(len(x)).split(50):
        loss = (net(x[idx]) - z[idx]).pow(2).sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        err = (net(xv) - zv).pow(2).mean() / zv.pow(2).mean()
    print("epoch", epoch, "loss", float(loss), "nmse", float(err))
print("final_metric=%.4f" % max(1 - float(err), -10.0))
