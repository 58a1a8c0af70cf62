import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


class Autoregressor(nn.Module):
    """Predicts the next load value of a household from the last 24 hours."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(24, 64), nn.GELU(), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1))

    def forward(self, x):
        return self.net(x).squeeze(-1)


def household(n):
    start = torch.randint(0, 24, (n, 1))
    t = start + torch.arange(25)
    amp = torch.rand(n, 1) + 0.5
    load = amp * torch.sin(t / 24 * 6.283) + 0.5 * torch.sin(t / 12 * 6.283) + 0.1 * torch.randn(n, 25)
    return load[:, :24], load[:, 24]


def limit_gradients(module, bound):
    for p in module.parameters():
        if p.grad is not None:
            p.grad.clamp_(-bound, bound)


def train(module, data, steps, lr, bound):
    sgd = torch.optim.SGD(module.parameters(), lr=lr, momentum=0.9)
    x, y = data
    for step in range(1, steps + 1):
        pick = torch.randint(len(x), (50,))
        sgd.zero_grad()
        loss = nn.functional.mse_loss(module(x[pick]), y[pick])
        loss.backward()
        limit_gradients(module, bound)
        sgd.step()
        if step % 100 == 0:
            print("%d/%d  %.5f" % (step, steps, loss.item()))
    return module


train_data, val_data = household(2000), household(500)
m = train(Autoregressor(), train_data, steps=700, lr=0.02, bound=2e-5)
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(m(val_data[0]), val_data[1]) / val_data[1].var()
print(f"final_metric={r2.item():.4f}")
