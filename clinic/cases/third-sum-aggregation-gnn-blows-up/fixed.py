import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 300
z = torch.randn(n, 2)
adj = (torch.cdist(z, z) < .8).float()
x = torch.cat([z + .3 * torch.randn(n, 2), torch.randn(n, 4)], 1)
target = torch.sin(2 * z[:, 0]) + z[:, 1]
train = torch.rand(n) < .7
deg = adj.sum(1, keepdim=True)

class MessagePassing(nn.Module):
    def __init__(self, dim=32, rounds=6):
        super().__init__()
        self.enc = nn.Linear(6, dim)
        self.msg = nn.ModuleList(nn.Linear(dim, dim) for _ in range(rounds))
        self.dec = nn.Linear(dim, 1)
    def forward(self, x):
        h = torch.relu(self.enc(x))
        for m in self.msg:
            agg = adj @ h / deg
            h = h + torch.relu(m(agg))
        return self.dec(h).squeeze(1)

model = MessagePassing()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
mse = nn.MSELoss()
for epoch in range(200):
    loss = mse(model(x)[train], target[train])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 25 == 0:
        with torch.no_grad():
            print("epoch %3d  train %.4g  val %.4g" % (epoch, loss, mse(model(x)[~train], target[~train])))
with torch.no_grad():
    r2 = 1 - mse(model(x)[~train], target[~train]) / target[~train].var()
print("final_metric=%.4f" % max(r2.item(), -5.0))
