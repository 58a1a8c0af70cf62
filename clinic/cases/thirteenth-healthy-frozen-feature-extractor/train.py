import os
import torch
from torch import nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.images / 16.0, dtype=torch.float32).unsqueeze(1).sub(0.305).div(0.376)
y = torch.tensor(d.target)
p = torch.randperm(len(y))
x, y = x[p], y[p]

trunk = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
)


def train(model, params, xs, ys, epochs, lr):
    opt = torch.optim.Adam(params, lr=lr)
    for epoch in range(epochs):
        for b in torch.randperm(len(xs)).split(32):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(model(xs[b]), ys[b])
            loss.backward()
            opt.step()
        print("  epoch", epoch, loss.item())


print("stage 1: all digits")
stage1 = nn.Sequential(trunk, nn.Linear(128, 10))
train(stage1, stage1.parameters(), x[:800], y[:800], 5, 2e-3)

print("stage 2: parity, trunk frozen")
for p_ in trunk.parameters():
    p_.requires_grad = False
head = nn.Linear(128, 2)
stage2 = nn.Sequential(trunk, head)
train(stage2, head.parameters(), x[800:1400], y[800:1400] % 2, 8, 5e-3)
stage2.eval()
with torch.no_grad():
    acc = (stage2(x[1400:]).argmax(1) == y[1400:] % 2).float().mean().item()
print(f"final_metric={acc:.4f}")
