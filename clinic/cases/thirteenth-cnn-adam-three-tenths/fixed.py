import os
import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
config = {"lr": 0.001, "batch": 64, "epochs": 6}

d = load_digits()
x = torch.tensor(d.images / 16.0, dtype=torch.float32).unsqueeze(1).sub(0.305).div(0.376)
y = torch.tensor(d.target)
p = torch.randperm(len(y))
xt, yt, xv, yv = x[p[:1350]], y[p[:1350]], x[p[1350:]], y[p[1350:]]


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 16, 3)
        self.c2 = nn.Conv2d(16, 32, 3)
        self.l1 = nn.Linear(32 * 16, 64)
        self.l2 = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.c2(F.relu(self.c1(x))))
        return self.l2(F.relu(self.l1(x.flatten(1))))


model = CNN()
optimizer = torch.optim.Adam(model.parameters(), lr=config["lr"])
for epoch in range(config["epochs"]):
    for b in torch.randperm(len(yt)).split(config["batch"]):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xt[b]), yt[b])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(xv).argmax(1) == yv).float().mean().item()
    print(f"{epoch}: loss={loss.item():.3f} acc={acc:.3f}")
print(f"final_metric={acc:.4f}")
