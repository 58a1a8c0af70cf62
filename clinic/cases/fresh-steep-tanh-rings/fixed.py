import os
import torch
from torch import nn
from sklearn.datasets import make_circles

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
x, y = make_circles(1200, noise=0.08, factor=0.6, random_state=seed)
x = torch.tensor(x, dtype=torch.float32) * 1.4
y = torch.tensor(y, dtype=torch.float32)[:, None]
xtr, ytr, xte, yte = x[:800], y[:800], x[800:], y[800:]


class SharpTanh(nn.Module):
    def __init__(self, k):
        super().__init__()
        self.k = k

    def forward(self, z):
        return torch.tanh(self.k * z)


K = 1.0
net = nn.Sequential(nn.Linear(2, 6), SharpTanh(K), nn.Linear(6, 6), SharpTanh(K), nn.Linear(6, 1))
bce = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(600):
    b = torch.randint(0, 800, (100,))
    loss = bce(net(xtr[b]), ytr[b])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if epoch % 100 == 0:
        print("Epoch {} Loss {:.4f}".format(epoch, loss.item()))
with torch.no_grad():
    acc = ((net(xte) > 0).float() == yte).float().mean().item()
print(f"final_metric={acc}")
