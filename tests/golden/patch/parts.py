"""Functions that hand the optimizer on, and a module with batch norms."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import ExponentialLR
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    def __init__(self, width=12):
        super().__init__()
        self.fc1 = nn.Linear(6, width)
        self.norm1 = nn.BatchNorm1d(width)
        self.fc2 = nn.Linear(width, width)
        self.norm2 = nn.BatchNorm1d(num_features=width, momentum=0.2)
        self.out = nn.Linear(width, 3)

    def forward(self, x):
        x = F.relu(self.norm1(self.fc1(x)))
        x = F.relu(self.norm2(self.fc2(x)))
        return self.out(x)


def train_epoch(model, optimizer, scheduler, loader):
    model.train()
    for i, (inputs, labels) in enumerate(loader):
        loss = F.cross_entropy(model(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    total, right = 0.0, 0
    for inputs, labels in loader:
        scores = model(inputs)
        total += F.cross_entropy(scores, labels).item()
        right += (scores.argmax(1) == labels).sum().item()
    return total / len(loader), right


def main():
    torch.manual_seed(1)
    x = torch.randn(128, 6)
    y = (x[:, 0] + torch.randn(128) > 0).long() + (x[:, 1] + torch.randn(128) > 1).long()
    train_set, val_set = TensorDataset(x[:96], y[:96]), TensorDataset(x[96:], y[96:])
    loader, val_loader = DataLoader(train_set, batch_size=24), DataLoader(val_set, batch_size=16)
    net = Net()
    opt = torch.optim.AdamW(net.parameters(), lr=0.02, weight_decay=0.1)
    scheduler = ExponentialLR(opt, gamma=0.98)
    for epoch in range(25):
        train_epoch(net, opt, scheduler, loader)
        val_loss, right = evaluate(net, val_loader)
        print(f"epoch {epoch}: {val_loss:.4f} {right}")


if __name__ == "__main__":
    main()
