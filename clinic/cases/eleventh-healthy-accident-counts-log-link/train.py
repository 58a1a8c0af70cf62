import os
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 5000
age, power, region = torch.randn(n), torch.randn(n), torch.randint(0, 6, (n,))
exposure = 0.3 + 0.7 * torch.rand(n)
effect = torch.tensor([-0.6, -0.2, 0.0, 0.3, 0.5, 0.8])
log_rate = 0.4 + 0.5 * age ** 2 - 0.4 * age + 0.3 * power + effect[region]
log_rate = log_rate.clamp(max=3)
claims = torch.poisson(exposure * log_rate.exp())


class PoissonNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.region = nn.Embedding(6, 4)
        self.net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, num, reg, expo):
        return self.net(torch.cat([num, self.region(reg)], 1)).squeeze(1) + expo.log()


num = torch.stack([age, power], 1)
ds = TensorDataset(num[:4000], region[:4000], exposure[:4000], claims[:4000])
loader = DataLoader(ds, batch_size=100, shuffle=True)
model = PoissonNet()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
deviance = nn.PoissonNLLLoss(log_input=True)
for epoch in range(10):
    for a, r, e, c in loader:
        opt.zero_grad()
        loss = deviance(model(a, r, e), c)
        loss.backward()
        opt.step()
    with torch.no_grad():
        eta = model(num[4000:], region[4000:], exposure[4000:])
        print(f"epoch {epoch} train {loss.item():.4f} test {deviance(eta, claims[4000:]).item():.4f}")
with torch.no_grad():
    true = log_rate[4000:] + exposure[4000:].log()
    corr = torch.corrcoef(torch.stack([eta, true]))[0, 1].item()
print(f"final_metric={corr:.4f}")
