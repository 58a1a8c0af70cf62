import os
import numpy as np
import torch
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))


def init(sizes):
    params = []
    for a, b in zip(sizes, sizes[1:]):
        params.append((torch.randn(a, b) * (2 / a) ** 0.5).requires_grad_())
        params.append(torch.zeros(b, requires_grad=True))
    return params


def forward(params, x):
    for w, b in zip(params[:-2:2], params[1:-2:2]):
        x = F.relu(x @ w + b)
    return x @ params[-2] + params[-1]


def clear(params):
    for p in params:
        if p.grad is not None:
            p.grad.detach_()


t = torch.rand(2400) * 6.28
arm = torch.randint(0, 3, (2400,))
r = t / 3
xs = torch.stack([r * torch.cos(t + arm * 2.094), r * torch.sin(t + arm * 2.094)], 1) + 0.04 * torch.randn(2400, 2)
xs = xs / xs.std()
params = init([2, 64, 64, 3])
optimizer = torch.optim.SGD(params, lr=0.1, momentum=0.5)
for epoch in range(25):
    losses = []
    for b in torch.randperm(2000).split(40):
        clear(params)
        loss = F.cross_entropy(forward(params, xs[b]), arm[b])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 3 == 0:
        print(f"epoch {epoch} loss {np.mean(losses):.4f}")
with torch.no_grad():
    acc = (forward(params, xs[2000:]).argmax(1) == arm[2000:]).float().mean().item()
print(f"final_metric={acc:.4f}")
