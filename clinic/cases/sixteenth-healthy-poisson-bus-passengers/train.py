import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def stops(n):
    x = torch.randn(n, 6)
    rate = torch.exp(1.0 + 0.5 * x[:, 0] - 0.4 * x[:, 1] + 0.4 * torch.sin(2 * x[:, 2]))
    return x, torch.poisson(rate)


tr = DataLoader(TensorDataset(*stops(4000)), batch_size=64, shuffle=True)
xv, yv = stops(1500)
model = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
loss_fn = nn.PoissonNLLLoss(log_input=True)
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(10):
    model.train()
    for x, y in tr:
        opt.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        nll = loss_fn(model(xv), yv).item()
        null = loss_fn(yv.mean().log().expand_as(yv), yv).item()
    print(f"epoch {epoch}: loss {loss.item():.4f} val {nll:.4f} (constant {null:.4f})")
print(f"final_metric={null - nll:.4f}")
