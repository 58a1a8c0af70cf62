import os
import torch
from torch import nn
from torch.func import functional_call, grad_and_value
from sklearn.datasets import make_moons

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(1400, noise=0.15, random_state=seed)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)

net = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 2))
params = {k: v.detach() for k, v in net.named_parameters()}
velocity = {k: torch.zeros_like(v) for k, v in params.items()}


def loss_fn(p, x, t):
    return nn.functional.cross_entropy(functional_call(net, p, (x,)), t)


step = grad_and_value(loss_fn)
for epoch in range(25):
    for b in torch.randperm(1000).split(40):
        grads, loss = step(params, X[b], y[b])
        for k in params:
            velocity[k] = 0.9 * velocity[k] + grads[k]
            params[k] = params[k] - 0.05 * velocity[k]
    if epoch % 5 == 0:
        print(epoch, loss.item())
out = functional_call(net, params, (X[1000:],))
print(f"final_metric={(out.argmax(1) == y[1000:]).float().mean().item():.4f}")
