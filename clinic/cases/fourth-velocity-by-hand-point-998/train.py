import os
import torch
from torch.func import functional_call, grad_and_value
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 1500
x = torch.rand(n, 3) * 2 - 1
y = torch.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2] ** 2
y = (y - y.mean()) / y.std()
x_train, y_train, x_test, y_test = x[:1200], y[:1200], x[1200:], y[1200:]

net = nn.Sequential(nn.Linear(3, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
theta = {k: p.detach().clone() for k, p in net.named_parameters()}
velocity = {k: torch.zeros_like(p) for k, p in theta.items()}


def objective(theta, x, y):
    return (functional_call(net, theta, (x,)).squeeze(1) - y).pow(2).mean()


value_and_slope = grad_and_value(objective)
rate, friction = 0.01, 0.998
for epoch in range(40):
    for idx in torch.randperm(1200).split(60):
        slope, loss = value_and_slope(theta, x_train[idx], y_train[idx])
        for k in theta:
            velocity[k] = friction * velocity[k] - rate * slope[k]
            theta[k] = theta[k] + velocity[k]
    if epoch % 4 == 0:
        print(f"epoch {epoch}: {loss.item():.4f}")
r2 = 1 - objective(theta, x_test, y_test).item() / y_test.var().item()
print(f"final_metric={r2 if r2 > -10 else -10.0:.4f}")
