import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def spirals(n):
    y = torch.randint(0, 2, (n,))
    a = torch.rand(n) * 5 + 1
    ang = a + 3.1416 * y
    return torch.stack([a * ang.cos(), a * ang.sin()], 1) / 2.5 + 0.05 * torch.randn(n, 2), y


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(2, 2)

    def forward(self, x):
        return self.net(x)


X, y = spirals(2000)
Xv, yv = spirals(800)
m = Model()
opt = torch.optim.Adam(m.parameters(), lr=0.01)
for step in range(1200):
    b = torch.randint(0, 2000, (64,))
    loss = nn.functional.cross_entropy(m(X[b]), y[b])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(step, loss.item())
with torch.no_grad():
    print(f"final_metric={(m(Xv).argmax(1) == yv).float().mean().item():.4f}")
