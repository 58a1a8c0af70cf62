import os
import torch
from torch.func import functional_call, grad_and_value
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(2500, 2) * 2 - 1
y = ((x[:, 0] * 2.5).sin() + x[:, 1] > 0.2).long()
net = nn.Sequential(nn.Linear(2, 32), nn.SiLU(), nn.Linear(32, 2))
params = {name: p.detach().clone() for name, p in net.named_parameters()}


def objective(params, x, y):
    return nn.functional.cross_entropy(functional_call(net, params, (x,)), y)


step = grad_and_value(objective)
for epoch in range(20):
    for idx in torch.randperm(2000).split(40):
        slope, loss = step(params, x[idx], y[idx])
        params = {name: p - 0.5 * slope[name] for name, p in params.items()}
    if epoch % 4 == 0:
        print(f"{epoch}: {loss.item():.4f}")
with torch.no_grad():
    hit = functional_call(net, params, (x[2000:],)).argmax(1) == y[2000:]
print(f"final_metric={hit.float().mean().item():.4f}")
