import os
import torch
import torch.nn.functional as F

g = torch.Generator().manual_seed(int(os.environ.get('SEED', 0)))
SIZES = [20, 128, 128, 128, 128, 5]

def chemistry(n, w=[None]):
    if w[0] is None:
        w[0] = [torch.randn(20, 16, generator=g) / 20 ** .5, torch.randn(16, 5, generator=g)]
    x = torch.randn(n, 20, generator=g)
    s = torch.tanh(1.5 * x @ w[0][0]) @ w[0][1]
    return x, (s + 0.3 * torch.randn(n, 5, generator=g)).argmax(1)

def init_params():
    params = {}
    for i, (a, b) in enumerate(zip(SIZES[:-1], SIZES[1:])):
        params[f'w{i}'] = torch.randn(a, b, generator=g)
        params[f'b{i}'] = torch.zeros(b)
    return {k: v.requires_grad_() for k, v in params.items()}

def forward(p, x):
    n = len(SIZES) - 1
    for i in range(n):
        x = x @ p[f'w{i}'] + p[f'b{i}']
        if i < n - 1:
            x = F.relu(x)
    return x

xtr, ytr = chemistry(8000)
xva, yva = chemistry(1500)
p = init_params()
opt = torch.optim.Adam(p.values(), lr=1e-3)
for epoch in range(4):
    for b in torch.randperm(len(xtr), generator=g).split(64):
        loss = F.cross_entropy(forward(p, xtr[b]), ytr[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        o = forward(p, xva)
        acc = (o.argmax(1) == yva).float().mean().item()
    print('epoch', epoch, 'train', loss.item(), 'val', F.cross_entropy(o, yva).item(), 'acc', acc)
print('final_metric=%.4f' % acc)
