import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
CONFIG = {"batch_size": 32, "epochs": 12, "lr": 0.05, "momentum": 0.9}

digits = load_digits()
x = torch.tensor(digits.images).float()[:, None] / 16
x = (x - 0.305) / 0.376
y = torch.tensor(digits.target)
perm = torch.randperm(len(y))
train_i, val_i = perm[:1347], perm[1347:]

model = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU(),
    nn.Conv2d(12, 24, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU(),
    nn.Flatten(), nn.Linear(24 * 16, 10),
)
opt = torch.optim.SGD(model.parameters(), lr=CONFIG["lr"] / 5, momentum=CONFIG["momentum"])
for epoch in range(CONFIG["epochs"]):
    model.train()
    for idx in train_i[torch.randperm(len(train_i))].split(CONFIG["batch_size"]):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x[val_i]).argmax(1) == y[val_i]).float().mean().item()
    print(f"epoch={epoch} loss={loss.item():.4f} val_acc={acc:.4f}")
print(f"final_metric={acc:.4f}")
