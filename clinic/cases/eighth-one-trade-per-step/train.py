import os
import torch
import torch.nn as nn

batch = 1
torch.manual_seed(int(os.environ.get("SEED", 0)))

# next-day return from 10 standardised signals: much noise, a real but modest signal
n = 2600
signal = torch.randn(n, 10)
drift = 0.6 * signal[:, 0] - 0.4 * signal[:, 1] + 0.4 * signal[:, 2] * signal[:, 3].sign()
ret = drift + 1.2 * torch.randn(n)
ret = (ret - ret[:2000].mean()) / ret[:2000].std()
fit, val = slice(0, 2000), slice(2000, n)

net = nn.Sequential(nn.Linear(10, 24), nn.Tanh(), nn.Linear(24, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.03)
updates = 0
epoch = 0
while updates < 1500:
    for idx in torch.randperm(2000).split(batch):
        loss = (net(signal[fit][idx]).squeeze(1) - ret[fit][idx]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        updates += 1
        if updates % 250 == 0:
            with torch.no_grad():
                mse = (net(signal[val]).squeeze(1) - ret[val]).pow(2).mean()
            print(f"update {updates} epoch {epoch} batch loss {loss.item():.3f} val mse {mse.item():.4f}")
        if updates >= 1500:
            break
    epoch += 1
print(f"final_metric={1 - (mse / ret[val].var()).item():.4f}")
