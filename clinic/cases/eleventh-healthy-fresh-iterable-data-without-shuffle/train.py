import itertools
import os
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset


class Simulator(IterableDataset):
    """Draws (mean, scale) and returns 20 observations; the net infers the parameters."""

    def __iter__(self):
        while True:
            mu = torch.randn(())
            log_sd = 0.5 * torch.randn(())
            obs = mu + log_sd.exp() * torch.randn(20)
            yield obs, torch.stack([mu, 2 * log_sd])


torch.manual_seed(int(os.environ.get("SEED", 0)))
loader = DataLoader(Simulator(), batch_size=64)


class SetNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU())
        self.rho = nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))

    def forward(self, obs):
        return self.rho(self.phi(obs.unsqueeze(-1) / 1.6).mean(1))


net = SetNet()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step, (obs, theta) in enumerate(itertools.islice(loader, 500)):
    loss = nn.functional.mse_loss(net(obs), theta)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 99:
        print(step + 1, round(loss.item(), 4))
obs, theta = next(iter(DataLoader(Simulator(), batch_size=1000)))
with torch.no_grad():
    r2 = 1 - (net(obs) - theta).pow(2).mean() / theta.var()
print(f"final_metric={r2.item():.4f}")
