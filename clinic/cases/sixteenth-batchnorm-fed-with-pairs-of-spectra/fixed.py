import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
peaks = torch.randn(6, 40)


def spectra(n):
    c = torch.randint(0, 6, (n,))
    conc = torch.randn(n, 1)
    return (peaks[c] * (1 + 0.4 * conc) + 1.3 * torch.randn(n, 40)) / 1.6, c


tr = TensorDataset(*spectra(1200))
va = TensorDataset(*spectra(1000))
loader = DataLoader(tr, batch_size=32, shuffle=True, drop_last=True)
model = nn.Sequential(
    nn.Linear(40, 48), nn.BatchNorm1d(48), nn.ReLU(),
    nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU(),
    nn.Linear(48, 6))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    model.train()
    for x, y in loader:
        loss = nn.functional.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(va.tensors[0]).argmax(1) == va.tensors[1]).float().mean().item()
    print("epoch", epoch, "train", loss.item(), "val acc", acc)
print(f"final_metric={acc:.4f}")
