import os
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
N_BITS, K = 28, 3  # label = parity of the first three of 28 bits


def draw(n):
    x = torch.randint(0, 2, (n, N_BITS)).float() * 2 - 1
    y = (x[:, :K].prod(1) > 0).long()
    return x, y


net = nn.Sequential(nn.Linear(N_BITS, 128), nn.ReLU(), nn.Linear(128, 2))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
xv, yv = draw(2000)
for step in range(1400):
    x, y = draw(128)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        with torch.no_grad():
            print(step, f"loss {loss.item():.3f} val {(net(xv).argmax(1) == yv).float().mean().item():.3f}")
with torch.no_grad():
    print(f"final_metric={(net(xv).argmax(1) == yv).float().mean().item():.4f}")
