import copy
import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Expert(nn.Module):
    def __init__(self, d_in, d_hidden):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d_in, d_hidden), nn.ReLU(), nn.Linear(d_hidden, 1))

    def forward(self, x):
        return self.net(x)


def clones(module, n):
    return nn.ModuleList([copy.deepcopy(module) for _ in range(n)])


class SumOfExperts(nn.Module):
    def __init__(self, n_experts=8):
        super().__init__()
        self.experts = clones(Expert(2, 4), n_experts)

    def forward(self, x):
        return torch.stack([e(x) for e in self.experts]).sum(0).squeeze(-1) / 3


def terrain(n):
    p = torch.rand(n, 2) * 4 - 2
    h = torch.sin(2 * p[:, 0]) * torch.cos(1.5 * p[:, 1]) + 0.3 * p[:, 0].abs()
    return p, (h - 0.3) / 0.6


points, height = terrain(2000)
test_points, test_height = terrain(500)
model = SumOfExperts()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(50):
    for idx in torch.randperm(2000).split(100):
        opt.zero_grad()
        err = torch.mean((model(points[idx]) - height[idx]) ** 2)
        err.backward()
        opt.step()
    if not epoch % 5:
        print(f"{epoch=} err={err.item():.4f}")
with torch.no_grad():
    mse = torch.mean((model(test_points) - test_height) ** 2)
print(f"final_metric={1 - mse / test_height.var():.4f}")
