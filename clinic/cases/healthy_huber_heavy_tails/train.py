import os
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
n = 2000
x = torch.randn(n, 4)
clean = torch.sin(1.5 * x[:, 0]) + 0.5 * x[:, 1] * x[:, 2]
t_noise = torch.distributions.StudentT(1.6).sample((n,)) * 0.15
y = (clean + t_noise).unsqueeze(1)
clean = clean.unsqueeze(1)
print("largest target", y.abs().max().item(), "std", y.std().item())

net = nn.Sequential(nn.Linear(4, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
crit = nn.HuberLoss(delta=0.5)
for epoch in range(20):
    for b in torch.randperm(1500).split(50):
        loss = crit(net(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - ((net(x[1500:]) - clean[1500:]) ** 2).mean() / clean[1500:].var()
print(f"final_metric={r2.item():.4f}")
