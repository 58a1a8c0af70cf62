import os
import math
import torch

torch.manual_seed(int(os.environ.get('SEED', 0)))

# damped oscillator u'' + 0.4 u' + 4 u = 0, u(0) = 1, u'(0) = 0 on [0, 3]
def exact(t):
    w = math.sqrt(4 - .04)
    return torch.exp(-.2 * t) * (torch.cos(w * t) + .2 / w * torch.sin(w * t))

def layer(i, o):
    return [torch.randn(i, o) / math.sqrt(i), torch.zeros(o)]

params = layer(1, 32) + layer(32, 32) + layer(32, 1)
for p in params:
    p.requires_grad_()

def u(t):
    h = torch.tanh((t - 1.5) @ params[0] + params[1])
    h = torch.tanh(h @ params[2] + params[3])
    return h @ params[4] + params[5]

lr = 4e-3
for step in range(2500):
    t = (3 * torch.rand(48, 1)).requires_grad_()
    v = u(t)
    d1, = torch.autograd.grad(v.sum(), t, create_graph=True)
    d2, = torch.autograd.grad(d1.sum(), t, create_graph=True)
    t0 = torch.zeros(1, 1, requires_grad=True)
    v0 = u(t0)
    s0, = torch.autograd.grad(v0.sum(), t0, create_graph=True)
    loss = 0.1 * (d2 + .4 * d1 + 4 * v).pow(2).mean() + 2 * (v0 - 1).pow(2).mean() + s0.pow(2).mean()
    loss.backward(inputs=params)
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad.clamp(-5, 5)
            p.grad = None
    if step % 250 == 0:
        print(step, loss.item())

with torch.no_grad():
    t = torch.linspace(0, 3, 200)[:, None]
    e = (u(t) - exact(t)).pow(2).mean().item()
print('final_metric=%.4f' % max(-9.0, 1 - e / exact(t).var().item() if math.isfinite(e) else -9.0))
