import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", "0")))
STEPS = 60
DT = 0.05


def simulate(state, steps):
    traj = [state]
    for _ in range(steps):
        th, om = traj[-1][:, 0], traj[-1][:, 1]
        om = om + DT * (-2.0 * torch.sin(th) - 0.1 * om)
        th = th + DT * om
        traj.append(torch.stack([th, om], 1))
    return torch.stack(traj, 1)


start = torch.rand(700, 2) * 3 - 1.5
truth = simulate(start, STEPS)
train, test = truth[:512], truth[512:]


class Dynamics(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))

    def rollout(self, state, steps):
        out = [state]
        for _ in range(steps):
            out.append(out[-1] + 2.0 * self.net(out[-1]))
        return torch.stack(out, 1)


model = Dynamics()
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(14):
    perm = torch.randperm(len(train))
    total = 0.0
    for b in perm.split(64):
        pred = model.rollout(train[b, 0], STEPS)
        loss = (pred - train[b]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"[{epoch}] rollout mse {total / 8:.4g}")

with torch.no_grad():
    pred = model.rollout(test[:, 0], STEPS)
    mse = (pred - test).pow(2).mean() / test.var()
score = 1 - torch.nan_to_num(mse, nan=2.0, posinf=2.0).clamp(max=2.0).item()
print(f"final_metric={score:.4f}")
