import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, TensorDataset

config = {"seed": int(os.environ.get("SEED", 0)), "epochs": 8, "batch_size": 64, "lr": 2e-3, "bn_momentum": 0.0, "channels": [16, 32]}
torch.manual_seed(config["seed"])

data = load_digits()
x = torch.tensor(data.images, dtype=torch.float32).unsqueeze(1)
x = (x - x.mean()) / x.std()
x_tr, x_va, y_tr, y_va = train_test_split(x, torch.tensor(data.target), test_size=0.2, random_state=config["seed"])
loader = DataLoader(TensorDataset(x_tr, y_tr), batch_size=config["batch_size"], shuffle=True, drop_last=True)


def block(cin, cout, momentum):
    return nn.Sequential(nn.Conv2d(cin, cout, 3, padding=1), nn.BatchNorm2d(cout, momentum=momentum), nn.ReLU(), nn.MaxPool2d(2))


class SmallCNN(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        c1, c2 = cfg["channels"]
        self.features = nn.Sequential(block(1, c1, cfg["bn_momentum"]), block(c1, c2, cfg["bn_momentum"]))
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(c2 * 4, 48), nn.BatchNorm1d(48, momentum=cfg["bn_momentum"]), nn.ReLU(), nn.Linear(48, 10))

    def forward(self, x):
        return self.fc(self.features(x))


model = SmallCNN(config)
optimizer = torch.optim.AdamW(model.parameters(), lr=config["lr"])
criterion = nn.CrossEntropyLoss()
for epoch in range(config["epochs"]):
    model.train()
    total, hits = 0.0, 0
    for xb, yb in loader:
        optimizer.zero_grad()
        out = model(xb)
        loss = criterion(out, yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
        hits += (out.argmax(1) == yb).sum().item()
    model.eval()
    with torch.no_grad():
        out = model(x_va)
        val_loss, val_acc = criterion(out, y_va).item(), (out.argmax(1) == y_va).float().mean().item()
    print(f"epoch {epoch} train loss {total / len(loader):.4f} acc {hits / (len(loader) * config['batch_size']):.3f} "
          f"| val loss {val_loss:.4f} acc {val_acc:.3f}")
print(f"final_metric={val_acc:.4f}")
