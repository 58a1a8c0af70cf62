import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def track(steps=30):
    accel = 0.05 * torch.randn(steps, 2)
    pos = torch.zeros(steps, 2)
    p, v = torch.zeros(2), torch.zeros(2)
    for t in range(steps):
        v = 0.9 * v - 0.05 * p + accel[t]
        p = p + v
        pos[t] = p
    pos = pos / 0.45
    return pos + 0.8 * torch.randn(steps, 2), pos


class Filter(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 24)
        self.out = nn.Linear(24, 2)

    def forward(self, z, h=None):
        o, h = self.gru(z.unsqueeze(1), h)
        return self.out(o.squeeze(1)), h


net = Filter()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
avg = []
for n in range(300):
    z, p = track()
    h = None
    for part in (slice(0, 15), slice(15, 30)):
        est, h = net(z[part], h)
        loss = (est - p[part]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        h = h.detach()
        avg.append(loss.item())
    if n % 75 == 74:
        print(f"track {n + 1} error {sum(avg[-150:]) / 150:.4f}")
with torch.no_grad():
    err = raw = 0.0
    for _ in range(40):
        z, p = track()
        err += (net(z)[0] - p).pow(2).mean().item()
        raw += (z - p).pow(2).mean().item()
print(f"final_metric={1 - err / raw:.4f}")
