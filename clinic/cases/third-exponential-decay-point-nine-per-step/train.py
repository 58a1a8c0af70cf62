import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
basis = torch.randn(5, 40)

def series(n):
    z = torch.randn(n, 5)
    return torch.sin(z @ basis / 1.5) + .05 * torch.randn(n, 40)

class AE(nn.Module):
    def __init__(self, code=6):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(40, 80), nn.GELU(), nn.Linear(80, 80), nn.GELU(), nn.Linear(80, code))
        self.dec = nn.Sequential(nn.Linear(code, 80), nn.GELU(), nn.Linear(80, 80), nn.GELU(), nn.Linear(80, 40))
    def forward(self, x): return self.dec(self.enc(x))

ae = AE()
optimiser = torch.optim.Adam(ae.parameters(), lr=3e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=0.9)
x = series(6000); xv = series(1000)

def optimise(batch):
    optimiser.zero_grad()
    loss = nn.functional.mse_loss(ae(batch), batch)
    loss.backward()
    optimiser.step()
    decay.step()
    return loss.detach()

for epoch in range(12):
    l = torch.stack([optimise(x[i]) for i in torch.randperm(6000).split(100)]).mean()
    with torch.no_grad(): v = nn.functional.mse_loss(ae(xv), xv)
    print(f"epoch {epoch:2d} | train {l:.4f} | val {v:.4f}")
print("final_metric=%.4f" % (1 - v / xv.var()))
