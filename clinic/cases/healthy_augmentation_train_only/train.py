import os
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.datasets import load_digits


class Digits(Dataset):
    def __init__(self, images, labels, augment=False):
        self.images, self.labels, self.augment = images, labels, augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        img = self.images[i]
        if self.augment:
            if torch.rand(1) < 0.5:
                img = torch.roll(img, int(torch.randint(-1, 2, (1,))), dims=-1)
            img = img + 0.15 * torch.randn_like(img)
            if torch.rand(1) < 0.3:
                r, c = torch.randint(0, 6, (2,)).tolist()
                img[:, r:r + 2, c:c + 2] = 0
        return img, self.labels[i]


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    d = load_digits()
    x = (torch.tensor(d.images, dtype=torch.float32)[:, None] - 4.88) / 6.02
    y = torch.tensor(d.target)
    p = torch.randperm(len(y))
    train_loader = DataLoader(Digits(x[p[:1300]], y[p[:1300]], augment=True), batch_size=50, shuffle=True)
    test_loader = DataLoader(Digits(x[p[1300:]], y[p[1300:]]), batch_size=497)
    net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(512, 10))
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(11):
        net.train()
        for xb, yb in train_loader:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(xb), yb)
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            for xb, yb in test_loader:
                acc = (net(xb).argmax(1) == yb).float().mean().item()
        print(epoch, loss.item(), acc)
    print(f"final_metric={acc:.4f}")


if __name__ == "__main__":
    main()
