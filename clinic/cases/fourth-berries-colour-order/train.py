import os
import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
# mean RGB of: strawberry, blueberry, blackcurrant, gooseberry
COLOURS = torch.tensor([[0.85, 0.15, 0.25], [0.25, 0.35, 0.80], [0.20, 0.12, 0.20], [0.60, 0.75, 0.25]])


def photograph(n, size=12):
    kind = torch.randint(4, (n,))
    picture = COLOURS[kind][:, :, None, None] + 0.1 * torch.randn(n, 3, 1, 1) + 0.2 * torch.randn(n, 3, size, size)
    return picture.clamp(0, 1), kind


def read_with_pil(pictures):
    return pictures


def read_with_cv2(pictures):
    return pictures.flip(1)


def normalise(pictures):
    return (pictures - 0.45) / 0.28


x, y_train = photograph(1200)
x_train = normalise(read_with_pil(x))
x, y_val = photograph(400)
x_val = normalise(read_with_cv2(x))
net = nn.Sequential(
    nn.Conv2d(3, 12, 3, stride=2), nn.ReLU(), nn.Conv2d(12, 24, 3), nn.ReLU(),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 4),
)
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    net.train()
    for idx in torch.randperm(1200).split(40):
        loss = loss_fn(net(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        out = net(x_val)
        print(f"epoch {epoch} loss {loss.item():.3f} val loss {loss_fn(out, y_val).item():.3f}")
print(f"final_metric={(out.argmax(1) == y_val).float().mean().item():.4f}")
