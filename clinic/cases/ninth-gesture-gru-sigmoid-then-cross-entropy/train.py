import os
import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
STEPS, CLASSES = 20, 6


def gestures(n):
    y = torch.randint(0, CLASSES, (n,))
    t = torch.linspace(0, 1, STEPS)
    freq = 1 + (y % 3).float()[:, None]
    sign = (1 - 2 * (y // 3).float())[:, None]
    phase = torch.rand(n, 1) * 0.8
    a = torch.sin(6.28 * freq * t + phase)
    b = sign * torch.cos(6.28 * freq * t + phase)
    x = torch.stack([a, b], -1) * 1.4 + 0.9 * torch.randn(n, STEPS, 2)
    return x / 1.3, y


class GestureNet(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(2, hidden, batch_first=True)
        self.head = nn.Linear(hidden, CLASSES)

    def forward(self, x):
        _, h = self.rnn(x)
        return torch.sigmoid(self.head(h.squeeze(0)))


x, y = gestures(2000)
xv, yv = gestures(500)
model = GestureNet()
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(1, 10):
    total = 0
    for idx in torch.randperm(len(x)).split(40):
        optimizer.zero_grad()
        loss = loss_fn(model(x[idx]), y[idx])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(idx)
    with torch.no_grad():
        out = model(xv)
        val = loss_fn(out, yv).item()
        acc = (out.argmax(1) == yv).float().mean().item()
    print(f"Epoch {epoch}/9 loss: {total / len(x):.4f} val_loss: {val:.4f} val_acc: {acc:.4f}")
print(f"final_metric={-val:.4f}")
