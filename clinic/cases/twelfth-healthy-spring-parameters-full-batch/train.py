import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
t = torch.linspace(0, 4, 120)
signal = 1.3 * torch.exp(-0.4 * t) * torch.cos(2.2 * t + 0.3) + 0.02 * torch.randn(120)


class Spring(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.amplitude = torch.nn.Parameter(torch.tensor(1.0))
        self.damping = torch.nn.Parameter(torch.tensor(0.1))
        self.omega = torch.nn.Parameter(torch.tensor(2.0))
        self.phase = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, t):
        return self.amplitude * torch.exp(-self.damping * t) * torch.cos(self.omega * t + self.phase)


model = Spring()
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for step in range(400):
    optimizer.zero_grad()
    loss = torch.mean((model(t) - signal) ** 2)
    loss.backward()
    optimizer.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    r2 = 1 - ((model(t) - signal) ** 2).sum() / ((signal - signal.mean()) ** 2).sum()
print(f"final_metric={r2.item():.4f}")
