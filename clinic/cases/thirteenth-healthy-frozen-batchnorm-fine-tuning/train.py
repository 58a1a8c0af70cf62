import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor((d.images - 4.9) / 6, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(d.target)
p = torch.randperm(len(y))
x, y = x[p], y[p]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12)
        self.conv2, self.bn2 = nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24)
        self.fc = nn.Linear(24 * 4, 10)
        self.freeze_bn = False

    def train(self, mode=True):
        super().train(mode)
        if self.freeze_bn:
            self.bn1.eval()
            self.bn2.eval()
        return self

    def forward(self, x):
        x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        x = nn.functional.max_pool2d(torch.relu(self.bn2(self.conv2(x))), 2)
        return self.fc(x.flatten(1))


def fit(net, xs, ys, lr, epochs, batch):
    opt = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    for epoch in range(epochs):
        net.train()
        for b in torch.randperm(len(xs)).split(batch):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(xs[b]), ys[b])
            loss.backward()
            opt.step()
        print(epoch, loss.item())


net = Net()
fit(net, x[:700], y[:700], 0.02, 5, 50)
net.freeze_bn = True
print("fine-tuning on slightly brighter images")
fit(net, x[700:1400] * 1.1 + 0.1, y[700:1400], 0.005, 5, 16)
net.eval()
with torch.no_grad():
    acc = (net(x[1400:] * 1.1 + 0.1).argmax(1) == y[1400:]).float().mean().item()
print(f"final_metric={acc:.4f}")
