import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

# brightness of a lamp from 10 channel voltages in [0, 2]
volts = torch.rand(3000, 10) * 2
bright = torch.sin(3 * volts[:, 0]) + volts[:, 1] * volts[:, 2] - volts[:, 3]
bright = ((bright - bright.mean()) / bright.std() + 0.05 * torch.randn(3000)).unsqueeze(1)


def uniform(layer, lo, hi):
    nn.init.uniform_(layer.weight, lo, hi)
    nn.init.zeros_(layer.bias)
    return layer


model = nn.Sequential(
    uniform(nn.Linear(10, 64), -1.0, 0.0), nn.ReLU(),
    nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    for i in torch.randperm(2400).split(50):
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(volts[i]), bright[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        v = nn.functional.mse_loss(model(volts[2400:]), bright[2400:]).item()
    print("epoch", epoch, "train", loss.item(), "val", v)
print(f"final_metric={1 - v / bright[2400:].var().item():.4f}")
