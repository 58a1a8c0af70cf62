# numpy-style optimiser for a linear+relu autoencoder on sensor windows
import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
t = torch.arange(32) / 32 * 6.2832


def windows(n):
    a = torch.rand(n, 1) + 0.5
    f = torch.randint(1, 4, (n, 1))
    ph = torch.rand(n, 1) * 6.2832
    return a * torch.sin(f * t + ph) + 0.05 * torch.randn(n, 32)


class AE(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = torch.nn.Sequential(torch.nn.Linear(32, 48), torch.nn.ReLU(), torch.nn.Linear(48, 8))
        self.dec = torch.nn.Sequential(torch.nn.Linear(8, 48), torch.nn.ReLU(), torch.nn.Linear(48, 32))

    def forward(self, x):
        return self.dec(self.enc(x))


ae = AE()
velocity = {n: torch.zeros_like(p) for n, p in ae.named_parameters()}
LR, BETA = 0.1, 0.9
data, test = windows(3000), windows(500)
for it in range(1500):
    xb = data[torch.randint(0, 3000, (64,))]
    loss = (ae(xb) - xb).pow(2).mean()
    ae.zero_grad()
    loss.backward()
    with torch.no_grad():
        for n, p in ae.named_parameters():
            velocity[n] = BETA * velocity[n] + p.grad
            p -= LR * velocity[n]
    if it % 150 == 0:
        print(it, loss.item())
with torch.no_grad():
    r2 = 1 - ((ae(test) - test).pow(2).mean() / test.var()).item()
r2 = r2 if r2 == r2 else -9.0
print(f"final_metric={max(r2, -9.0):.4f}")
