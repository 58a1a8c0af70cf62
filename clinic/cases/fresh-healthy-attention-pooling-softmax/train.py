import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def bags(n, k=12, d=8):
    x = torch.randn(n, k, d)
    y = torch.randint(0, 2, (n,))
    hot = torch.randint(0, k, (n,))
    x[torch.arange(n), hot, 0] += 4.0
    x[torch.arange(n), hot, 1] = (y.float() * 2 - 1) * 1.5
    return x, y


class AttentionMIL(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
        self.softmax = nn.Softmax(dim=1)
        self.head = nn.Linear(8, 2)

    def forward(self, x):
        w = self.softmax(self.score(x))
        return self.head((w * x).sum(1))


x, y = bags(1500)
xv, yv = bags(500)
model = AttentionMIL()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for step in range(800):
    i = torch.randint(0, 1500, (50,))
    loss = nn.functional.cross_entropy(model(x[i]), y[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    print("final_metric=%.4f" % (model(xv).argmax(1) == yv).float().mean())
