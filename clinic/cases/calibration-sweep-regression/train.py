# Fit the response curve of a detector. The bench sweeps the voltage from -3 to 3 once.
import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

voltage = torch.linspace(-3, 3, 4000).unsqueeze(1)
offset = torch.randn(4000, 1)


def response(v, o):
    return torch.sin(2 * v) + 0.4 * v + 0.5 * o * torch.cos(v)


reading = response(voltage, offset) + 0.05 * torch.randn_like(voltage)
v_check = 6 * torch.rand(800, 1) - 3
o_check = torch.randn(800, 1)
r_check = response(v_check, o_check)

batches = list(zip(torch.cat([voltage / 1.75, offset], 1).split(50), reading.split(50)))
x_check = torch.cat([v_check / 1.75, o_check], 1)

net = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
sched = torch.optim.lr_scheduler.MultiStepLR(opt, [12, 16], gamma=0.5)

for epoch in range(18):
    net.train()
    s = 0.0
    for x, y in batches:
        loss = ((net(x) - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item()
    sched.step()
    net.eval()
    with torch.no_grad():
        err = ((net(x_check) - r_check) ** 2).mean() / r_check.var()
    print(f"sweep pass {epoch + 1}: mean batch loss {s / len(batches):.4f}, check R2 {1 - err.item():.4f}")

print(f"final_metric={1 - err.item():.4f}")
