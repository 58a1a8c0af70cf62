import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


class PlainNet(nn.Module):
    def __init__(self, depth=40, width=48):
        super().__init__()
        self.first = nn.Linear(64, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.last = nn.Linear(width, 10)
        for m in self.hidden:
            nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
            nn.init.zeros_(m.bias)

    def forward(self, x):
        h = torch.relu(self.first(x))
        for m in self.hidden:
            h = torch.relu(m(h))
        return self.last(h)


torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.data, dtype=torch.float32)
x = (x - x.mean()) / x.std()
y = torch.tensor(d.target)
p = torch.randperm(len(y))
loader = DataLoader(TensorDataset(x[p[:1400]], y[p[:1400]]), batch_size=64, shuffle=True)
model = PlainNet()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(8):
    model.train()
    total = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        total += loss.item() / len(loader)
    model.eval()
    with torch.no_grad():
        acc = (model(x[p[1400:]]).argmax(1) == y[p[1400:]]).float().mean().item()
    print(f"epoch {epoch} loss {total:.4f} acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
