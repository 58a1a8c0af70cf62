import os
import torch
import torch.nn as nn
from sklearn.datasets import make_swiss_roll

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
pts, t = make_swiss_roll(2500, noise=0.3, random_state=seed)
x, t = torch.tensor(pts, dtype=torch.float32), torch.tensor(t, dtype=torch.float32)
x = (x - x[:2000].mean(0)) / x[:2000].std(0)
t = (t - t[:2000].mean()) / t[:2000].std()
net = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.08, momentum=0.9)
sched = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(opt, T_0=200, T_mult=2)
step = 0
while step < 1400:
    for idx in torch.randperm(2000).split(50):
        loss = nn.functional.mse_loss(net(x[idx]).squeeze(1), t[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        sched.step()
        step += 1
    if step % 200 == 0:
        with torch.no_grad():
            r2 = 1 - nn.functional.mse_loss(net(x[2000:]).squeeze(1), t[2000:]) / t[2000:].var()
        print(f"step {step} lr {sched.get_last_lr()[0]:.4f} mse {loss.item():.4f} r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
