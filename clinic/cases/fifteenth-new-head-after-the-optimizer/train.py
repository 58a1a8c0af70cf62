# transfer learning: pretrain on digits 0-4, fine-tune the head on 5-9
import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, Y = load_digits(return_X_y=True)
X, Y = torch.tensor(X / 8 - 0.6, dtype=torch.float32), torch.tensor(Y)
perm = torch.randperm(len(X))
X, Y = X[perm], Y[perm]


class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU())
        self.head = nn.Linear(128, n)

    def forward(self, x):
        return self.head(self.backbone(x))


def train(net, opt, x, y, epochs):
    for e in range(epochs):
        for b in torch.randperm(len(x)).split(32):
            loss = nn.functional.cross_entropy(net(x[b]), y[b])
            opt.zero_grad()
            if loss.requires_grad:
                loss.backward()
            opt.step()
        print("  epoch", e, "loss", round(loss.item(), 4))


low, high = Y < 5, Y >= 5
net = Net(5)
print("pretraining")
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
train(net, optimizer, X[low], Y[low], 6)

print("fine-tuning")
xh, yh = X[high], Y[high] - 5
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for p in net.backbone.parameters():
    p.requires_grad = False
net.head = nn.Linear(128, 5)
train(net, optimizer, xh[:650], yh[:650], 40)
with torch.no_grad():
    acc = (net(xh[650:]).argmax(1) == yh[650:]).float().mean()
print(f"final_metric={acc.item():.4f}")
