import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SKIP = False


class Plain(nn.Module):
    def __init__(self, ch=10, n=24):
        super().__init__()
        self.stem = nn.Conv1d(1, ch, 3, padding=1)
        self.convs = nn.ModuleList(nn.Conv1d(ch, ch, 3, padding=1) for _ in range(n))
        for c in self.convs:
            nn.init.kaiming_normal_(c.weight, nonlinearity="relu")
            nn.init.zeros_(c.bias)
        self.head = nn.Linear(2 * ch, 1)

    def forward(self, x):
        h = self.stem(x)
        for c in self.convs:
            h = h + 0.3 * torch.relu(c(h)) if SKIP else torch.relu(c(h))
        return self.head(torch.cat([h.mean(-1), h.amax(-1)], 1)).squeeze(1)


def pulses(n):
    w = 1 + 3 * torch.rand(n, 1)
    c = 8 + 16 * torch.rand(n, 1)
    t = torch.arange(32.0)
    x = torch.exp(-(((t - c) / w) ** 2)) * 2 + 0.05 * torch.randn(n, 32)
    return x[:, None], ((w - 2.5) / 0.87).squeeze(1)


x, y = pulses(1000)
xv, yv = pulses(300)
model = Plain()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(6):
    for b in torch.randperm(1000).split(25):
        loss = nn.functional.mse_loss(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print(f"final_metric={1 - nn.functional.mse_loss(model(xv), yv).item() / yv.var().item():.4f}")
