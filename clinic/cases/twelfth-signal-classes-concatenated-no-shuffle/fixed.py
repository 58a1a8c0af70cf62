import os
import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
K, D = 6, 16
centres = torch.randn(K, D)


def recordings(k, n):
    x = centres[k] + 1.0 * torch.randn(n, D)
    return TensorDataset(x / 1.4, torch.full((n,), k))


train = ConcatDataset([recordings(k, 400) for k in range(K)])
test = ConcatDataset([recordings(k, 100) for k in range(K)])
loader = DataLoader(train, batch_size=40, shuffle=True)
test_loader = DataLoader(test, batch_size=200)
net = nn.Sequential(nn.Linear(D, 64), nn.ReLU(), nn.Linear(64, K))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(8):
    net.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        hits = sum((net(x).argmax(1) == y).sum().item() for x, y in test_loader)
    print(epoch, round(loss.item(), 4), hits / len(test))
print(f"final_metric={hits / len(test):.4f}")
