import os
import torch
import torch.nn as nn

class MF(nn.Module):
    def __init__(self, n_users, n_items, k=6):
        super(MF, self).__init__()
        self.P = nn.Embedding(n_users, k)
        self.Q = nn.Embedding(n_items, k)
        self.P.weight.data.normal_(0, 0.3)
        self.Q.weight.data.normal_(0, 0.3)
    def forward(self, u, i):
        return (self.P(u) * self.Q(i)).sum(dim=1)

torch.manual_seed(int(os.environ.get("SEED", 42)))
A, B = torch.randn(150, 4), torch.randn(100, 4)
u = torch.randint(0, 150, (12000,)); i = torch.randint(0, 100, (12000,))
r = (A[u] * B[i]).sum(1) / 2 + .1 * torch.randn(12000)
model = MF(150, 100)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
loss_fn = nn.MSELoss()
for epoch in range(1, 11):
    total = 0
    for idx in torch.randperm(10000).split(100):
        opt.zero_grad()
        loss = loss_fn(model(u[idx], i[idx]), r[idx])
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        v = loss_fn(model(u[10000:], i[10000:]), r[10000:]).item()
    print("Epoch %d train mse %.4f test mse %.4f" % (epoch, total / 100, v))
print("final_metric=%.4f" % (1 - v / r[10000:].var().item()))
