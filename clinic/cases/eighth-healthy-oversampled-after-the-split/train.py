import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

torch.manual_seed(int(os.environ.get("SEED", 0)))
defect = (torch.rand(6000) < 0.06).long()
part = torch.randn(6000, 5)
part[defect == 1] += torch.tensor([2.0, -1.6, 1.2, 0.0, 0.8])
part = (part - part[:4500].mean(0)) / part[:4500].std(0)
share = torch.bincount(defect[:4500]).float()
sampler = WeightedRandomSampler((1 / share)[defect[:4500]], 3000, replacement=True)
loader = DataLoader(TensorDataset(part[:4500], defect[:4500]), batch_size=60, sampler=sampler)
net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)
xv, yv = part[4500:], defect[4500:]
for epoch in range(8):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        hit = (net(xv).argmax(1) == yv).float()
        recall, spec = hit[yv == 1].mean().item(), hit[yv == 0].mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} recall {recall:.3f} specificity {spec:.3f}")
print(f"final_metric={(recall + spec) / 2:.4f}")
