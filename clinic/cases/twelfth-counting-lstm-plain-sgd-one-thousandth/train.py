import argparse
import os
import torch
from torch import nn

p = argparse.ArgumentParser()
p.add_argument("--lr", type=float, default=1e-4)
p.add_argument("--momentum", type=float, default=0.9)
p.add_argument("--steps", type=int, default=500)
args, _ = p.parse_known_args()
torch.manual_seed(int(os.environ.get("SEED", 0)))


def bits(n, length=12):
    x = torch.randn(n, length, 3)
    y = (x[:, :, 0] + 0.5 * x[:, :, 1]).sum(1) > 0
    return x, y.long()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 24, batch_first=True)
        self.fc = nn.Linear(24, 2)

    def forward(self, x):
        h, _ = self.lstm(x)
        return self.fc(h[:, -1])


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=args.lr, momentum=args.momentum)
for step in range(args.steps):
    x, y = bits(48)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    x, y = bits(1000)
    acc = (net(x).argmax(1) == y).float().mean().item()
print(f"final_metric={acc:.4f}")
