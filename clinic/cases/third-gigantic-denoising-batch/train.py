import os
import torch
from torch import nn
torch.manual_seed(int(os.environ.get("SEED", 0)))
BUDGET = 61440          # samples we may draw
BATCH = 4096
basis = torch.randn(6, 32)
def signals(n):
    c = torch.randn(n, 6) * (torch.rand(n, 6) < .5)
    clean = torch.tanh(c @ basis / 2)
    return clean + .4 * torch.randn(n, 32), clean
dae = nn.Sequential(nn.Linear(32, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 32))
opt = torch.optim.Adam(dae.parameters(), lr=2e-3)
seen = 0
while seen < BUDGET:
    noisy, clean = signals(BATCH)
    loss = nn.functional.mse_loss(dae(noisy), clean)
    opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
    seen += BATCH
    if seen % 12288 == 0: print(f"seen {seen:6d} loss {loss.item():.4f}")
noisy, clean = signals(4000)
with torch.no_grad():
    print(f"final_metric={1 - (nn.functional.mse_loss(dae(noisy), clean) / clean.var()).item():.4f}")
