import os
import math
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Chain(nn.Module):
    def __init__(self, dims):
        super().__init__()
        self.weights = nn.ParameterList([nn.Parameter(torch.randn(b, a) * math.sqrt(1.6 / a)) for a, b in zip(dims, dims[1:])])
        self.biases = nn.ParameterList([nn.Parameter(torch.zeros(b)) for b in dims[1:]])

    def forward(self, x):
        for k in range(len(self.weights)):
            x = nn.functional.linear(x, self.weights[k], self.biases[k])
        return x


# forward kinematics of a three-joint arm
q = (torch.rand(2600, 3) - 0.5) * 4
a1, a2, a3 = q[:, 0], q[:, 0] + q[:, 1], q.sum(1)
tip = torch.stack([a1.cos() + 0.7 * a2.cos() + 0.4 * a3.cos(), a1.sin() + 0.7 * a2.sin() + 0.4 * a3.sin()], 1)
tip = (tip - tip[:2200].mean(0)) / tip[:2200].std(0)
q = q / q[:2200].std(0)
net = Chain([3, 64, 64, 64, 2])
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(18):
    for idx in torch.randperm(2200).split(44):
        loss = nn.functional.mse_loss(net(q[idx]), tip[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        err = nn.functional.mse_loss(net(q[2200:]), tip[2200:]).item()
    print(f"epoch {epoch} train {loss.item():.4f} test {err:.4f}")
print(f"final_metric={1 - err:.4f}")
