import os
import torch
from torch import nn
from torch.func import functional_call, grad_and_value

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

# altitude in m, distance to the coast in km, slope -> mean wind speed (standardised)
n = 4000
alt = torch.rand(n) * 2500
dist = torch.rand(n) * 1.5
slope = torch.randn(n)
wind = torch.sin(alt / 2500 * 5) + 1.5 * (dist - 0.75) * slope + 0.1 * torch.randn(n)
wind = (wind - wind.mean()) / wind.std()
x = torch.stack([alt / 720 - 1.73, dist / 0.43 - 1.73, slope], 1)
train_x, val_x = x[:3200], x[3200:]
train_y, val_y = wind[:3200], wind[3200:]

net = nn.Sequential(nn.Linear(3, 48), nn.Softplus(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
params = {k: v.detach().clone() for k, v in net.named_parameters()}
velocity = {k: torch.zeros_like(v) for k, v in params.items()}


def loss_fn(params, x, y):
    out = functional_call(net, params, (x,))
    return ((out.squeeze(-1) - y) ** 2).mean()


step_fn = grad_and_value(loss_fn)


def sgd(params, grads, lr, beta=0.9):
    new = {}
    for k in params:
        velocity[k] = beta * velocity[k] + grads[k]
        new[k] = params[k] - lr * velocity[k]
    return new


for epoch in range(20):
    lr = 0.02 if epoch < 15 else 0.005
    for idx in torch.randperm(3200).split(64):
        grads, loss = step_fn(params, train_x[idx], train_y[idx])
        params = sgd(params, grads, lr)
    with torch.no_grad():
        val = loss_fn(params, val_x, val_y).item()
    print(f"epoch {epoch:2d} train {loss.item():.4f} val {val:.4f}")

print(f"final_metric={1 - val / val_y.var().item():.4f}")
