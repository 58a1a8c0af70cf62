import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
t = torch.linspace(0, 6, 240)
true = dict(amplitude=1.3, damping=0.35, omega=2.2)
signal = true["amplitude"] * torch.exp(-true["damping"] * t) * torch.cos(true["omega"] * t)
measured = signal + 0.03 * torch.randn(240)


class Oscillator(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.log_amplitude = torch.nn.Parameter(0.1 * torch.randn(()))
        self.log_damping = torch.nn.Parameter(torch.tensor(-1.5))
        self.log_omega = torch.nn.Parameter(torch.tensor(0.7) + 0.05 * torch.randn(()))

    def forward(self, t):
        return self.log_amplitude.exp() * torch.exp(-self.log_damping.exp() * t) * torch.cos(self.log_omega.exp() * t)


model = Oscillator()
opt = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(400):
    loss = torch.mean((model(t) - measured) ** 2)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 99:
        print(step + 1, f"{loss.item():.6f}", {n: round(p.exp().item(), 4) for n, p in model.named_parameters()})
with torch.no_grad():
    r2 = 1 - torch.mean((model(t) - signal) ** 2) / signal.var()
print(f"final_metric={r2.item():.4f}")
