import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset


def datasets(seed):
    d = load_digits()
    x = torch.tensor(d.data, dtype=torch.float32)
    x = (x - x.mean()) / x.std()
    y = torch.tensor(d.target)
    p = torch.randperm(len(y), generator=torch.Generator().manual_seed(seed))
    return TensorDataset(x[p[:1400]], y[p[:1400]]), TensorDataset(x[p[1400:]], y[p[1400:]])


def accuracy(model, loader):
    model.eval()
    with torch.no_grad():
        return torch.cat([model(x).argmax(1) == y for x, y in loader]).float().mean().item()


def train(model, loader, optimizer, epochs):
    for epoch in range(epochs):
        model.train()
        for x, y in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        print(epoch, loss.item())


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    train_set, valid_set = datasets(seed)
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    valid_loader = DataLoader(valid_set, batch_size=400)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Dropout(0.1), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    train(model, train_loader, torch.optim.Adam(model.parameters(), lr=1e-3), epochs=10)
    print(f"final_metric={accuracy(model, valid_loader):.4f}")
