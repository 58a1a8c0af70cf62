import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data, dtype=torch.float32)
y = torch.tensor(d.target)
p = torch.randperm(len(X))
X, y = (X[p] - 4.9) / 6, y[p]
net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.2), nn.Linear(48, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.98, nesterov=True, weight_decay=1e-4)
for epoch in range(15):
    net.train()
    for b in torch.randperm(1400).split(28):
        loss = nn.functional.cross_entropy(net(X[b]), y[b])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1400:])
        acc = (out.argmax(1) == y[1400:]).float().mean().item()
    print(epoch, round(loss.item(), 4), round(nn.functional.cross_entropy(out, y[1400:]).item(), 4), round(acc, 4))
print(f"final_metric={acc:.4f}")
