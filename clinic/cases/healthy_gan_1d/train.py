import os
import numpy as np
import torch
from scipy.stats import wasserstein_distance
from torch import nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
real = lambda n: torch.randn(n, 1) * 0.6 + 1.5
noise = lambda n: torch.randn(n, 4)

G = nn.Sequential(nn.Linear(4, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
D = nn.Sequential(nn.Linear(1, 24), nn.LeakyReLU(0.2), nn.Linear(24, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
g_opt = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.5, 0.9))
d_opt = torch.optim.Adam(D.parameters(), lr=4e-3, betas=(0.5, 0.9))
scheds = [torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.05, total_iters=700) for o in (g_opt, d_opt)]
bce = nn.BCEWithLogitsLoss()
ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)
for it in range(700):
    d_opt.zero_grad()
    d_loss = bce(D(real(128)), ones) + bce(D(G(noise(128)).detach()), zeros)
    d_loss.backward()
    d_opt.step()

    g_opt.zero_grad()
    g_loss = bce(D(G(noise(128))), ones)
    g_loss.backward()
    g_opt.step()
    for s in scheds:
        s.step()
    if it % 100 == 0:
        print(it, d_loss.item(), g_loss.item())
with torch.no_grad():
    fake, true = G(noise(4000)).flatten().numpy(), real(4000).flatten().numpy()
w = wasserstein_distance(fake, true)
print("mean", fake.mean(), "std", fake.std(), "wasserstein", w)
print(f"final_metric={1 - w / 0.6:.4f}")
