import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
BITS, NOISE = 4, 6


def parity(n):
    x = torch.randint(0, 2, (n, BITS + NOISE)).float() * 2 - 1
    return x, (x[:, :BITS].prod(1) > 0).long()


model = nn.Sequential(nn.Linear(BITS + NOISE, 96), nn.ReLU(), nn.Linear(96, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(1200):
    x, y = parity(100)
    loss = nn.functional.cross_entropy(model(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
model.eval()
with torch.no_grad():
    x, y = parity(1000)
    print(f"final_metric={(model(x).argmax(1) == y).float().mean():.4f}")
