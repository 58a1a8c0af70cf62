import copy
import math
import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
t = torch.rand(3000) * 9 + 1
arm = torch.randint(0, 2, (3000,))
ang = 0.8 * t + math.pi * arm
x = torch.stack([t * torch.cos(ang), t * torch.sin(ang)], 1) / 4.3 + 0.04 * torch.randn(3000, 2)
net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
cycle, top = 8, 0.2
steps = math.ceil(2600 / 40)
snapshots = []
for epoch in range(3 * cycle):
    for k, b in enumerate(torch.randperm(2600).split(40)):
        pos = ((epoch % cycle) * steps + k) / (cycle * steps)
        for g in opt.param_groups:
            g["lr"] = 0.5 * top * (1 + math.cos(math.pi * pos))
        loss = F.cross_entropy(net(x[b]), arm[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % cycle == cycle - 1:
        snapshots.append(copy.deepcopy(net).eval())
        print(f"epoch {epoch + 1} loss {loss.item():.4f} snapshot {len(snapshots)}")
with torch.no_grad():
    vote = sum(s(x[2600:]).softmax(1) for s in snapshots)
print(f"final_metric={(vote.argmax(1) == arm[2600:]).float().mean().item():.4f}")
