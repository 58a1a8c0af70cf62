import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
BATCH = 64
EPOCHS = 4

centre = torch.randn(5, 2, 12) * 1.3
gas = torch.randint(0, 5, (14000,))
x = centre[gas, torch.randint(0, 2, (14000,))] + 0.7 * torch.randn(14000, 12)
x = (x - x[:12000].mean(0)) / x[:12000].std(0)
data = TensorDataset(x[:12000], gas[:12000])
loader = DataLoader(data, batch_size=None, sampler=torch.utils.data.BatchSampler(
    torch.utils.data.RandomSampler(data), batch_size=BATCH, drop_last=False))
net = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 5))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(EPOCHS):
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    if epoch % max(1, EPOCHS // 6) == 0 or epoch == EPOCHS - 1:
        with torch.no_grad():
            acc = (net(x[12000:]).argmax(1) == gas[12000:]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
