import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
d = load_digits()
a, b, ya, yb = train_test_split((d.images - 4.88) / 6.02, d.target, test_size=0.25, random_state=seed, stratify=d.target)
a, b = torch.tensor(a).float().unsqueeze(1), torch.tensor(b).float().unsqueeze(1)
ya, yb = torch.tensor(ya), torch.tensor(yb)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(1, 12, 3), nn.BatchNorm2d(12), nn.ReLU(), nn.Conv2d(12, 16, 3), nn.BatchNorm2d(16), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(256, 2)

    def forward(self, x):
        return self.head(self.trunk(x))


def epoch_of(net, opt, y):
    for idx in torch.randperm(len(a)).split(48):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a[idx]), y[idx])
        loss.backward()
        opt.step()
    return loss.item()


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(2):  # pretext: even or odd
    net.train()
    print("pretrain", epoch, epoch_of(net, opt, ya % 2))
net.head = nn.Linear(256, 10)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(6):
    net.train()
    for m in net.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
    loss = epoch_of(net, opt, ya)
    net.eval()
    with torch.no_grad():
        acc = (net(b).argmax(1) == yb).float().mean().item()
    print("finetune", epoch, loss, acc)
print(f"final_metric={acc:.4f}")
