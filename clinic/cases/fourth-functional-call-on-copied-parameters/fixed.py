import os
import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(int(os.environ.get("SEED", 0)))

encoder = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 6), nn.Tanh())
readout = nn.Linear(6, 1)


def make_rings(n):
    r, phi = torch.rand(n) * 3, torch.rand(n) * 6.2832
    x = torch.stack([r * phi.cos(), r * phi.sin()], 1)
    return x, (torch.sin(2.2 * r) > 0).float()


def forward(x):
    weights = {name: p for name, p in encoder.named_parameters()}
    return readout(functional_call(encoder, weights, (x,))).squeeze(1)


x, y = make_rings(2000)
x_test, y_test = make_rings(500)
optimizer = torch.optim.Adam([*encoder.parameters(), *readout.parameters()], lr=5e-3)
lossf = nn.BCEWithLogitsLoss()
for epoch in range(50):
    running = 0
    for idx in torch.randperm(2000).split(100):
        optimizer.zero_grad()
        loss = lossf(forward(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        running += loss.item() / 20
    if epoch % 5 == 0:
        print("epoch", epoch, "loss", running)

with torch.no_grad():
    acc = ((forward(x_test) > 0).float() == y_test).float().mean().item()
print("final_metric=%.4f" % acc)
