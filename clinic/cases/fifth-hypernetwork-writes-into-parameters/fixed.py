import os
import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(int(os.environ.get('SEED', '0')))

# family of curves y = a sin(b x + c); the hypernet sees (a, b, c) and makes the first layer of a small net
def tasks(n, pts=24):
    p = torch.rand(n, 3) * 2 - 1
    x = torch.rand(n, pts, 1) * 4 - 2
    a, b, c = (1 + .5 * p[:, 0]), (1.5 + p[:, 1]), 2 * p[:, 2]
    y = a[:, None, None] * torch.sin(b[:, None, None] * x + c[:, None, None])
    return p, x, y

H = 24
target = nn.Sequential(nn.Linear(1, H), nn.Tanh(), nn.Linear(H, H), nn.Tanh(), nn.Linear(H, 1))
hyper = nn.Sequential(nn.Linear(3, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2 * H + H))

def predict(p, x):
    made = hyper(p)
    outs = []
    for w, xi in zip(made, x):
        new = {'0.weight': target[0].weight + w[:H, None], '0.bias': target[0].bias + w[H:2 * H],
               '2.bias': target[2].bias + w[2 * H:]}
        outs.append(functional_call(target, new, (xi,)))
    return torch.stack(outs)

opt = torch.optim.Adam(list(hyper.parameters()) + list(target.parameters()), lr=4e-3)
for it in range(450):
    p, x, y = tasks(16)
    loss = nn.functional.mse_loss(predict(p, x), y)
    opt.zero_grad(set_to_none=True)
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(f'iter {it:4d}  loss {loss.item():.5f}')

with torch.no_grad():
    p, x, y = tasks(300)
    err = nn.functional.mse_loss(predict(p, x), y)
    print('test mse', err.item())
    print('final_metric=%.4f' % (1 - err / y.var()).item())
