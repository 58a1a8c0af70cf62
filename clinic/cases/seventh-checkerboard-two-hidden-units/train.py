import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
H = 2
X = torch.rand(4000, 2) * 4
y = ((X[:, 0].floor() + X[:, 1].floor()) % 2).long()
X = (X - 2) / 1.15
Xt, yt, Xv, yv = X[:3200], y[:3200], X[3200:], y[3200:]
net = nn.Sequential(nn.Linear(2, H), nn.Tanh(), nn.Linear(H, H), nn.Tanh(), nn.Linear(H, 2))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
crit = nn.CrossEntropyLoss()
for epoch in range(20):
    avg = 0.0
    for b in torch.randperm(3200).split(64):
        loss = crit(net(Xt[b]), yt[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        avg += loss.item() / 50
    with torch.no_grad():
        out = net(Xv)
        acc = (out.argmax(1) == yv).float().mean().item()
    print(f"epoch {epoch} train {avg:.4f} val {crit(out, yv).item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
