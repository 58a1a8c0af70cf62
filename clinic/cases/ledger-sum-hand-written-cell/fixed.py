import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class LeakyMemory(nn.Module):
    """c <- f * c + i * g, output tanh(c)"""

    def __init__(self, n_in, n_mem, start=4.0):
        super().__init__()
        self.x2h = nn.Linear(n_in, 3 * n_mem)
        self.h2h = nn.Linear(n_mem, 3 * n_mem, bias=False)
        self.n_mem = n_mem
        with torch.no_grad():
            self.x2h.bias[:n_mem].fill_(start)

    def forward(self, x):
        c = x.new_zeros(x.shape[0], self.n_mem)
        h = torch.tanh(c)
        pre = self.x2h(x)
        for t in range(x.shape[1]):
            f, i, g = (pre[:, t] + self.h2h(h)).chunk(3, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.tanh(c)
        return h


class LedgerSum(nn.Module):
    def __init__(self):
        super().__init__()
        self.memory = LeakyMemory(2, 24)
        self.readout = nn.Linear(24, 1)

    def forward(self, x):
        return self.readout(self.memory(x))[:, 0]


def ledgers(n, length=40):
    amount = torch.rand(n, length) * 2 - 1
    mark = torch.zeros(n, length)
    a = torch.randint(0, 8, (n,))
    b = torch.randint(8, 16, (n,))
    mark[torch.arange(n), a] = 1
    mark[torch.arange(n), b] = 1
    return torch.stack([amount, mark], 2), (amount * mark).sum(1) / 0.8


x, y = ledgers(3000)
xv, yv = ledgers(500)
model = LedgerSum()
opt = torch.optim.Adam(model.parameters(), lr=8e-3)

step = 0
for epoch in range(12):
    model.train()
    for idx in torch.randperm(len(x)).split(100):
        loss = nn.functional.mse_loss(model(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        step += 1
    model.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(xv), yv).item()
    print(f"step {step} train {loss.item():.4f} val {val:.4f}")

print(f"final_metric={1 - val / yv.var().item():.4f}")
