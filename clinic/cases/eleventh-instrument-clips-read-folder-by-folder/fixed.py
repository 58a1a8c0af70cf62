import os
import torch
from torch import nn
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
INSTRUMENTS = ["flute", "cello", "oboe", "horn", "harp", "tuba"]
PARTIALS = torch.rand(len(INSTRUMENTS), 10) ** 2


def clips(k, n):
    """spectra of instrument k at random pitch"""
    f0 = torch.randint(2, 6, (n,))
    spec = 0.15 * torch.randn(n, 64)
    for h in range(10):
        bins = f0 * (h + 1)
        spec[torch.arange(n), bins] += PARTIALS[k, h] * (0.7 + 0.6 * torch.rand(n))
    return spec


train_parts, test_parts = [], []
for k, name in enumerate(INSTRUMENTS):
    train_parts.append(TensorDataset((clips(k, 250) - 0.1) / 0.25, torch.full((250,), k)))
    test_parts.append(TensorDataset((clips(k, 80) - 0.1) / 0.25, torch.full((80,), k)))
train_set, test_set = ConcatDataset(train_parts), ConcatDataset(test_parts)
train_loader = DataLoader(train_set, batch_size=25, shuffle=True)
test_loader = DataLoader(test_set, batch_size=120)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 6))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(12):
    for spec, inst in train_loader:
        opt.zero_grad()
        loss = ce(net(spec), inst)
        loss.backward()
        opt.step()
    with torch.no_grad():
        good = sum((net(s).argmax(1) == i).sum().item() for s, i in test_loader)
    print(f"epoch {epoch}: loss {loss.item():.3f} accuracy {good / len(test_set):.3f}")
print(f"final_metric={good / len(test_set):.4f}")
