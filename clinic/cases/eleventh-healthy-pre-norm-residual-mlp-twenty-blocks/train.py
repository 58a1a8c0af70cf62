import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", "0")))


class PreNormBlock(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.up = nn.Linear(d, 2 * d)
        self.down = nn.Linear(2 * d, d)
        nn.init.zeros_(self.down.bias)
        with torch.no_grad():
            self.down.weight.mul_(20 ** -0.5)

    def forward(self, x):
        return x + self.down(torch.relu(self.up(self.norm(x))))


net = nn.Sequential(nn.Linear(6, 24), *[PreNormBlock(24) for _ in range(20)], nn.LayerNorm(24), nn.Linear(24, 3))


def draw(n):
    x = torch.randn(n, 6)
    s = torch.stack([x[:, 0] * x[:, 1], x[:, 2].abs() - 0.5, x[:, 3] + 0.5 * x[:, 4]], 1)
    return x, s.argmax(1)


x_test, y_test = draw(800)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 400)
for step in range(400):
    x, y = draw(64)          # fresh data every step
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    sched.step()
    if step % 80 == 79:
        with torch.no_grad():
            acc = (net(x_test).argmax(1) == y_test).float().mean().item()
        print(f"step {step + 1} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
