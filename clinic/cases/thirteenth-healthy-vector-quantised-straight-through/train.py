import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
CODES, DIM = 40, 4
centres = torch.randn(10, 20)


def data(n):
    return centres[torch.randint(0, 10, (n,))] + 0.25 * torch.randn(n, 20)


class VQAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, DIM))
        self.dec = nn.Sequential(nn.Linear(DIM, 32), nn.ReLU(), nn.Linear(32, 20))
        self.codes = nn.Parameter(torch.randn(CODES, DIM) * 0.3)

    def forward(self, x):
        z = self.enc(x)
        idx = torch.cdist(z, self.codes).argmin(1)
        q = self.codes[idx]
        vq = (q - z.detach()).square().mean() + 0.25 * (z - q.detach()).square().mean()
        return self.dec(z + (q - z).detach()), vq


x, xv = data(2000), data(500)
model = VQAE()
with torch.no_grad():
    # data-dependent start of the code book
    model.codes.copy_(model.enc(x[:CODES]))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    for b in torch.randperm(2000).split(64):
        rec, vq = model(x[b])
        loss = nn.functional.mse_loss(rec, x[b]) + vq
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    err = nn.functional.mse_loss(model(xv)[0], xv)
print(f"final_metric={1 - (err / xv.var(0).mean()).item():.4f}")
