import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


def shapes(n, s=16):
    y = torch.randint(0, 4, (n,))
    img = 0.6 * torch.randn(n, 1, s, s)
    for i in range(n):
        a, b = torch.randint(3, s - 3, (2,)).tolist()
        if y[i] == 0:
            img[i, 0, a, b - 3 : b + 4] += 1.5
        elif y[i] == 1:
            img[i, 0, a - 3 : a + 4, b] += 1.5
        elif y[i] == 2:
            for k in range(-3, 3):
                img[i, 0, a + k, b + k] += 1.5
        else:
            for k in range(-3, 3):
                img[i, 0, a + k, b - k] += 1.5
    return img, y


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5, padding=2)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.fc = nn.Linear(32, 4)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x))
        return self.fc(x.amax((2, 3)))


def train(model, device, loader, optimizer, scheduler, epoch):
    model.train()
    for data, target in loader:
        data, target = data.to(device), target.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data), target)
        loss.backward()
        optimizer.step()
    print(f"Train Epoch: {epoch} Loss: {loss.item():.4f} lr: {scheduler.get_last_lr()[0]:.2e}")


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = DataLoader(TensorDataset(*shapes(1600)), batch_size=32, shuffle=True)
    xt, yt = shapes(500)
    model = Net().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    scheduler = StepLR(optimizer, step_size=5, gamma=0.7)
    for epoch in range(15):
        train(model, device, loader, optimizer, scheduler, epoch)
        scheduler.step()
    model.eval()
    with torch.no_grad():
        acc = (model(xt.to(device)).argmax(1).cpu() == yt).float().mean().item()
    print(f"final_metric={acc:.4f}")


main()
