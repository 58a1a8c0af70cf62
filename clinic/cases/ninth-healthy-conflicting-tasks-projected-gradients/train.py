import os
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2500, 8)
ya = torch.sin(x[:, 0]) + x[:, 1] * x[:, 2] + 0.1 * torch.randn(2500)
ya = (ya - ya.mean()) / ya.std()
yb = (x[:, 3] + x[:, 4] ** 2 > 1).float()
trunk = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
head_a, head_b = nn.Linear(48, 1), nn.Linear(48, 1)
shared, own = list(trunk.parameters()), list(head_a.parameters()) + list(head_b.parameters())
opt = torch.optim.Adam(shared + own, lr=2e-3)


def flat(grads):
    return torch.cat([g.flatten() for g in grads])


for epoch in range(12):
    for b in torch.randperm(2000).split(50):
        h = trunk(x[b])
        la = F.mse_loss(head_a(h).squeeze(1), ya[b])
        lb = F.binary_cross_entropy_with_logits(head_b(h).squeeze(1), yb[b])
        ga = flat(torch.autograd.grad(la, shared, retain_graph=True))
        gb = flat(torch.autograd.grad(lb, shared, retain_graph=True))
        go = torch.autograd.grad(la + lb, own)
        dot = ga @ gb
        if dot < 0:
            ga, gb = ga - dot / gb.pow(2).sum() * gb, gb - dot / ga.pow(2).sum() * ga
        start = 0
        for p in shared:
            p.grad = (ga + gb)[start:start + p.numel()].view_as(p).clone()
            start += p.numel()
        for p, g in zip(own, go):
            p.grad = g
        opt.step()
    print(f"epoch {epoch} regression {la.item():.4f} classification {lb.item():.4f}")
with torch.no_grad():
    h = trunk(x[2000:])
    r2 = 1 - F.mse_loss(head_a(h).squeeze(1), ya[2000:]) / ya[2000:].var()
    acc = ((head_b(h).squeeze(1) > 0).float() == yb[2000:]).float().mean()
print(f"final_metric={(r2 + acc).item() / 2:.4f}")
