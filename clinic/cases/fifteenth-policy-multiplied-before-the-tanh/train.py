# imitation of a linear-quadratic controller, actuator range +-400
import os
import torch

torch.manual_seed(int(os.environ.get("SEED", 0)))
RANGE = 400.0
K = torch.tensor([90.0, -60.0, 35.0, 15.0])


def expert(n):
    s = torch.randn(n, 4)
    u = torch.clamp(s @ K + 40 * torch.sin(2 * s[:, 0]), -RANGE, RANGE)
    return s, u


class Controller(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.a = torch.nn.Linear(4, 48)
        self.b = torch.nn.Linear(48, 48)
        self.c = torch.nn.Linear(48, 1)

    def forward(self, s):
        h = torch.tanh(self.a(s))
        h = torch.tanh(self.b(h))
        return torch.tanh(RANGE * self.c(h)).squeeze(1)


s, u = expert(3000)
sv, uv = expert(1000)
net = Controller()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for b in torch.randperm(3000).split(60):
        loss = ((net(s[b]) - u[b] / RANGE) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        print(epoch + 1, loss.item())
with torch.no_grad():
    r2 = 1 - ((net(sv) * RANGE - uv) ** 2).mean() / uv.var()
print(f"final_metric={r2.item():.4f}")
