import os
import torch
from torch import nn
from torch.nn import functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", "0"))
torch.manual_seed(SEED)
digits = load_digits()
xtr, xte, ytr, yte = train_test_split(digits.data / 8.0 - 1.0, digits.target, test_size=0.25, random_state=SEED)
xtr, xte = torch.tensor(xtr).float(), torch.tensor(xte).float()
ytr, yte = torch.tensor(ytr), torch.tensor(yte)
loader = DataLoader(TensorDataset(xtr, ytr), batch_size=50, shuffle=True)


class DigitTower(nn.Module):
    def __init__(self, width=48, depth=9):
        super().__init__()
        self.first = nn.Linear(64, width)
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.out = nn.Linear(width, 10)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.xavier_normal_(m.weight)
                nn.init.zeros_(m.bias)

    def forward(self, x):
        h = torch.tanh(self.first(x))
        for layer in self.hidden:
            h = torch.tanh(layer(h))
        return self.out(h)


net = DigitTower()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    net.train()
    total = 0.0
    for xb, yb in loader:
        loss = F.cross_entropy(net(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch}: {total / len(loader):.4f}")
net.eval()
with torch.no_grad():
    print(f"final_metric={(net(xte).argmax(1) == yte).float().mean().item():.4f}")
