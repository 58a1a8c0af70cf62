import os
import argparse
import torch
from torch import nn
from torch.utils.data import TensorDataset, DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--batch-size", type=int, default=50)
parser.add_argument("--lr", type=float, default=2e-3)
parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
args = parser.parse_args()
torch.manual_seed(args.seed)


class SignedSqrt(nn.Module):
    """sqrt on the positive side, zero on the other"""

    def forward(self, x):
        return torch.sqrt(x.clamp(min=1e-6))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(12, 48)
        self.act = SignedSqrt()
        self.fc2 = nn.Linear(48, 3)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


centres = torch.randn(3, 4, 12) * 1.5
def draw(n):
    y = torch.randint(0, 3, (n,))
    k = torch.randint(0, 4, (n,))
    return centres[y, k] + 0.6 * torch.randn(n, 12), y

train_set, test_set = TensorDataset(*draw(2000)), draw(500)
loader = DataLoader(train_set, batch_size=args.batch_size, shuffle=True)
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(test_set[0]).argmax(-1) == test_set[1]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} acc {acc:.3f}")
print(f"final_metric={acc:.4f}")
