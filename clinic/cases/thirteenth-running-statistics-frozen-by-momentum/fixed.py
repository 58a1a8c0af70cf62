import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

BN_MOMENTUM = 0.1


class ConvBNReLU(nn.Module):
    def __init__(self, cin, cout, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn = nn.BatchNorm2d(cout, momentum=BN_MOMENTUM)

    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))


class MiniVGG(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(ConvBNReLU(1, 16), ConvBNReLU(16, 16, 2), ConvBNReLU(16, 32), ConvBNReLU(32, 32, 2))
        self.fc = nn.Linear(128, 10)

    def forward(self, x):
        return self.fc(self.layers(x).flatten(1))


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    d = load_digits()
    x = torch.tensor((d.images - 4.9) / 6.0, dtype=torch.float32).unsqueeze(1)
    y = torch.tensor(d.target)
    p = torch.randperm(len(y))
    loader = DataLoader(TensorDataset(x[p[:1300]], y[p[:1300]]), batch_size=64, shuffle=True)
    model = MiniVGG()
    opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for epoch in range(5):
        model.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = F.cross_entropy(model(xb), yb)
            loss.backward()
            opt.step()
        model.eval()
        with torch.no_grad():
            acc = (model(x[p[1300:]]).argmax(1) == y[p[1300:]]).float().mean().item()
        print(epoch, round(loss.item(), 4), round(acc, 4))
    print(f"final_metric={acc:.4f}")


main()
