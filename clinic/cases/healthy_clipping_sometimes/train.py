import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
T = 20


def data(n):
    # is the running count of +1 / -1 moves above zero at the end?
    moves = torch.randint(0, 2, (n, T)) * 2.0 - 1.0
    noise = 0.1 * torch.randn(n, T)
    x = (moves + noise).unsqueeze(-1)
    y = moves.cumsum(1) / T ** 0.5
    return x, y.unsqueeze(-1)


class Walker(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 32, batch_first=True)
        self.read = nn.Linear(32, 1)

    def forward(self, x):
        return self.read(self.gru(x)[0])


net = Walker()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
clipped = 0
xv, yv = data(300)
N_STEPS = 400
for step in range(N_STEPS):
    x, y = data(32)
    loss = ((net(x) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(net.parameters(), max_norm=0.25)
    clipped += int(norm > 0.25)
    opt.step()
print(f"clipped {clipped}/{N_STEPS}")
with torch.no_grad():
    r2 = 1 - ((net(xv) - yv) ** 2).mean() / yv.var()
print(f"final_metric={r2.item():.4f}")
