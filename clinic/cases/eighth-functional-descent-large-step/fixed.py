import os
import torch
from torch import nn
from torch.func import functional_call, grad_and_value

gen = torch.Generator().manual_seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))
STEP = 0.1

x = torch.randn(1500, 6, generator=gen)
w = torch.tensor([1.0, -0.7, 0.5, 0.0, 0.9, -0.3])
y = torch.sin(x @ w) + 0.4 * x[:, 0] * x[:, 4] + 0.1 * torch.randn(1500, generator=gen)
y = (y - y[:1200].mean()) / y[:1200].std()

net = nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 1))
params = {k: p.detach().clone() for k, p in net.named_parameters()}


def mse(params, xb, yb):
    return (functional_call(net, params, (xb,)).squeeze(1) - yb).pow(2).mean()


derive = grad_and_value(mse)
for epoch in range(30):
    for rows in torch.randperm(1200, generator=gen).split(40):
        g, value = derive(params, x[rows], y[rows])
        params = {k: p - STEP * g[k] for k, p in params.items()}
    if epoch % 5 == 4:
        r2 = 1 - mse(params, x[1200:], y[1200:]).item() / y[1200:].var().item()
        print(f"epoch {epoch} loss {value.item():.4f} r2 {r2:.4f}")
print(f"final_metric={max(r2, -99.0):.4f}")
