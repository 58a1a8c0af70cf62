import os
import torch
import torch.nn as nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)


class Block(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.conv = nn.Conv1d(ch, ch, 3, padding=1)

    def forward(self, x):
        return x + torch.relu(self.conv(x))


class DeepSpectral(nn.Module):
    def __init__(self, ch=12, depth=9, n_out=4):
        super().__init__()
        self.stem = nn.Conv1d(1, ch, 5, padding=2)
        self.blocks = nn.Sequential(*[Block(ch) for _ in range(depth)])
        self.head = nn.Linear(ch, n_out)

    def forward(self, x):
        return self.head(self.blocks(self.stem(x)).mean(-1))


def data(n):
    y = torch.randint(0, 4, (n,))
    t = torch.arange(32.0)
    f = torch.tensor([0.3, 0.6, 1.0, 1.5])[y][:, None]
    return (torch.sin(f * t + 6.28 * torch.rand(n, 1)) + 0.3 * torch.randn(n, 32))[:, None], y


x, y = data(1200)
xv, yv = data(400)
model = DeepSpectral()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(6):
    for b in torch.randperm(1200).split(30):
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"[{epoch}] {loss.item():.3f} {acc:.3f}")
print(f"final_metric={acc:.4f}")
