import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, Subset

torch.manual_seed(int(os.environ.get("SEED", 0)))
shift = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.3, -0.2, 0.1, 0.2], [-0.3, 0.2, 0.2, -0.1], [2.2, 2.0, -2.1, 1.8]])
sites = []
for site in range(4):
    grade = torch.randint(0, 3, (550,))
    base = torch.stack([grade - 1.0, (grade == 1).float() * 1.4 - 0.5, 0.6 * (grade - 1.0), torch.zeros(550)], 1)
    scan = base + 0.45 * torch.randn(550, 4) + shift[site]
    sites.append((scan, grade))
scans = torch.cat([s for s, _ in sites])
grades = torch.cat([g for _, g in sites])
rows = torch.arange(len(scans))
cut = 1650
scans = (scans - scans[rows[:cut]].mean(0)) / scans[rows[:cut]].std(0)
everything = TensorDataset(scans, grades)
train, val = Subset(everything, rows[:cut].tolist()), Subset(everything, rows[cut:].tolist())

net = nn.Sequential(nn.Linear(4, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 3))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)


def evaluate(part):
    net.eval()
    right = 0
    with torch.no_grad():
        for x, g in DataLoader(part, batch_size=275):
            right += (net(x).argmax(1) == g).sum().item()
    return right / len(part)


for epoch in range(20):
    net.train()
    for x, g in DataLoader(train, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), g)
        loss.backward()
        opt.step()
    if epoch % 4 == 3:
        print(f"epoch {epoch + 1} loss {loss.item():.3f} train {evaluate(train):.3f} val {evaluate(val):.3f}")
print(f"final_metric={evaluate(val):.4f}")
