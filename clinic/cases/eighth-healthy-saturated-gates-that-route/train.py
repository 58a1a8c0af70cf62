import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(3000, 3)
y = torch.where(x[:, 0] > 0, 1.5 * x[:, 1], -x[:, 1] + x[:, 2]) + 0.05 * torch.randn(3000)


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(3, 1), nn.Sigmoid())
        self.left, self.right = nn.Linear(3, 1), nn.Linear(3, 1)

    def forward(self, x):
        g = self.gate(x)
        return (g * self.left(x) + (1 - g) * self.right(x)).squeeze(1)


net = Gated()
opt = torch.optim.Adam(net.parameters(), lr=2e-2)
for epoch in range(15):
    for idx in torch.randperm(2500).split(50):
        loss = nn.functional.mse_loss(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(net(x[2500:]), y[2500:]) / y[2500:].var()
    print(f"epoch {epoch} mse {loss.item():.4f} r2 {r2:.4f}")
print(f"final_metric={r2:.4f}")
