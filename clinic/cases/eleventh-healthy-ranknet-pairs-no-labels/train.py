import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def pages(n):
    x = torch.randn(n, 9)
    rel = x[:, 0] + torch.relu(x[:, 1]) - 0.8 * x[:, 2] * x[:, 3] + 0.1 * torch.randn(n)
    return x, rel


class RankNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(9, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, a, b):
        return self.score(a) - self.score(b)


x, rel = pages(3000)
xv, relv = pages(600)
net = RankNet()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(900):
    i, j = torch.randint(0, 3000, (2, 64))
    better = (rel[i] > rel[j]).float().unsqueeze(1)
    loss = F.binary_cross_entropy_with_logits(net(x[i], x[j]), better)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 150 == 149:
        with torch.no_grad():
            s = net.score(xv).squeeze(1)
            agree = ((s[:, None] > s) == (relv[:, None] > relv)).float().mean().item()
        print(step + 1, round(loss.item(), 4), round(agree, 4))
print(f"final_metric={agree:.4f}")
