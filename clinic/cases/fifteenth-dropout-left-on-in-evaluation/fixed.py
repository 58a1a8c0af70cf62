import os
import torch
from torch import nn
from sklearn.datasets import make_friedman2
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman2(3000, noise=5.0, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)
train_loader = DataLoader(TensorDataset(X[:2400], y[:2400]), batch_size=48, shuffle=True)
test_loader = DataLoader(TensorDataset(X[2400:], y[2400:]), batch_size=200)


class Net(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4, 128), nn.Linear(128, 128), nn.Linear(128, 1)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        x = self.drop(torch.relu(self.fc1(x)))
        x = self.drop(torch.relu(self.fc2(x)))
        return self.fc3(x)


def train_one_epoch(model, loader, opt):
    model.train()
    for x, y in loader:
        opt.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        opt.step()
    return loss.item()


def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        se = sum(nn.functional.mse_loss(model(x), y, reduction="sum").item() for x, y in loader)
    return se / len(loader.dataset)


model = Net()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(20):
    tl = train_one_epoch(model, train_loader, opt)
    vl = evaluate(model, test_loader)
    print(f"{epoch:02d} {tl:.4f} {vl:.4f}")
print(f"final_metric={1 - vl / y[2400:].var().item():.4f}")
