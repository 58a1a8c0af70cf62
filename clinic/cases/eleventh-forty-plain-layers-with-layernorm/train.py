import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
DEPTH, WIDTH = 40, 32


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(8, WIDTH)
        self.blocks = nn.ModuleList([
            nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH), nn.ReLU()) for _ in range(DEPTH)])
        self.head = nn.Linear(WIDTH, 4)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


def problem(n):
    x = torch.randn(n, 8)
    a = (x[:, 0] * x[:, 1] + 0.7 * x[:, 2] > 0).long()
    b = (x[:, 3].abs() + x[:, 4] > 0.7).long()
    return x, 2 * a + b


x, y = problem(3000)
x_val, y_val = problem(600)
model = Tower()
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
for epoch in range(7):
    total = 0.0
    for idx in torch.randperm(len(x)).split(60):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(x[idx]), y[idx])
        loss.backward()
        opt.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        acc = (model(x_val).argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch + 1} train loss {total / len(x):.4f} val acc {acc:.4f}")
print(f"final_metric={acc:.4f}")
