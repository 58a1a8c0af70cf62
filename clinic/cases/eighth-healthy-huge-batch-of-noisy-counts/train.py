import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def photons(n):
    x = torch.rand(n, 2) * 2 - 1
    rate = torch.exp(-1.5 + torch.sin(3 * x[:, 0]) + x[:, 1])
    return x / 0.577, torch.poisson(rate), rate


net = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 500)
xv, cv, rv = photons(3000)
for step in range(1, 501):
    x, count, _ = photons(2048)
    log_rate = net(x).squeeze(1)
    loss = nn.functional.poisson_nll_loss(log_rate, count)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 100 == 0:
        with torch.no_grad():
            out = net(xv).squeeze(1)
            nll = nn.functional.poisson_nll_loss(out, cv).item()
            corr = torch.corrcoef(torch.stack([out, rv.log()]))[0, 1].item()
        print(f"step {step} nll {loss.item():.4f} val nll {nll:.4f} corr {corr:.4f}")
print(f"final_metric={corr:.4f}")
