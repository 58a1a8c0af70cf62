import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get('SEED', 0)))

bits = torch.randint(0, 2, (5000, 8)).float() * 2 - 1
target = (bits[:, 0] * bits[:, 3] * bits[:, 5] > 0).float()
bits = bits + 0.15 * torch.randn_like(bits)
x, y, xv, yv = bits[:4000], target[:4000], bits[4000:], target[4000:]

model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(20):
    model.train()
    total = 0.0
    for b in torch.randperm(4000).split(64):
        opt.zero_grad()
        loss = loss_fn(model(x[b]).squeeze(1), y[b])
        loss.backward()
        opt.step()
        total += loss.item() * len(b)
    model.eval()
    with torch.no_grad():
        acc = ((model(xv).squeeze(1) > 0) == (yv > 0.5)).float().mean().item()
    print(f'epoch {epoch} loss {total / 4000:.4f} val acc {acc:.4f}')
print(f'final_metric={acc:.4f}')
