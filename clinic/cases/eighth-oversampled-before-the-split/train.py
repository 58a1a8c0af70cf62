import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
n = 1500
rare = torch.rand(n) < 0.12
x = torch.randn(n, 16)
x[rare] += 0.35
y = rare.long()


def oversample(x, y):
    few = torch.nonzero(y == 1).flatten()
    many = torch.nonzero(y == 0).flatten()
    again = few[torch.randint(0, len(few), (len(many),))]
    keep = torch.cat([many, again])
    return x[keep], y[keep]


def split(x, y, share=0.75):
    perm = torch.randperm(len(x))
    k = int(share * len(x))
    return (x[perm[:k]], y[perm[:k]]), (x[perm[k:]], y[perm[k:]])


x, y = oversample(x, y)
(x_tr, y_tr), (x_va, y_va) = split(x, y)
net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
for epoch in range(20):
    net.train()
    for idx in torch.randperm(len(x_tr)).split(64):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x_tr[idx]), y_tr[idx])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        hit = net(x_va).argmax(1) == y_va
        balanced = (hit[y_va == 0].float().mean() + hit[y_va == 1].float().mean()).item() / 2
    print(f"epoch {epoch} loss {loss.item():.3f} balanced acc {balanced:.3f}")
print(f"final_metric={balanced:.4f}")
