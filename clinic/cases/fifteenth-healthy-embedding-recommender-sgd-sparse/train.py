import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
N_U, N_I, K = 150, 120, 3
a, b = torch.randn(N_U, K), torch.randn(N_I, K)
u, i = torch.randint(0, N_U, (14000,)), torch.randint(0, N_I, (14000,))
r = (a[u] * b[i]).sum(1) / K**0.5 + 0.3 * torch.randn(14000)


class MF(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.u, self.i = nn.Embedding(N_U, k, sparse=True), nn.Embedding(N_I, k, sparse=True)
        nn.init.normal_(self.u.weight, std=0.3)
        nn.init.normal_(self.i.weight, std=0.3)

    def forward(self, u, i):
        return (self.u(u) * self.i(i)).sum(1)


model = MF()
opt = torch.optim.SparseAdam(list(model.parameters()), lr=0.01)
for epoch in range(12):
    for k in torch.randperm(12000).split(100):
        loss = nn.functional.mse_loss(model(u[k], i[k]), r[k])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(u[12000:], i[12000:]), r[12000:]).item()
    print(f"epoch {epoch} train {loss.item():.4f} val {val:.4f}")
print(f"final_metric={1 - val / r[12000:].var().item():.4f}")
