import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
yy, xx = torch.meshgrid(torch.linspace(-1, 1, 8), torch.linspace(-1, 1, 8), indexing="ij")


def render(z):
    cx, cy, r = z[:, 0, None, None] * .5, z[:, 1, None, None] * .5, 0.3 + 0.15 * z[:, 2, None, None]
    return torch.tanh(4 * (r - ((xx - cx) ** 2 + (yy - cy) ** 2).sqrt()))


G = nn.Sequential(
    nn.Linear(3, 64), nn.LeakyReLU(0.2), nn.Unflatten(1, (16, 2, 2)),
    nn.ConvTranspose2d(16, 16, 4, 2, 1), nn.LeakyReLU(0.2),
    nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh())
opt = torch.optim.Adam(G.parameters(), lr=4e-3, betas=(0.5, 0.9))
for it in range(600):
    z = torch.rand(64, 3) * 2 - 1
    loss = (G(z)[:, 0] - render(z)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
z = torch.rand(500, 3) * 2 - 1
with torch.no_grad():
    t = render(z)
    print("final_metric=%.4f" % (1 - (G(z)[:, 0] - t).pow(2).mean() / t.var()))
