import os, math
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def make_signals(n):
    """Sine plus noise; class = (number of short bursts in the window) 0, 1, 2 or 3."""
    t = torch.linspace(0, 1, 64)
    f = 2 + 3 * torch.rand(n, 1)
    ph = 2 * math.pi * torch.rand(n, 1)
    x = torch.sin(2 * math.pi * f * t + ph)
    y = torch.randint(0, 4, (n,))
    for k in range(3):
        pos = torch.randint(2 + 20 * k, 16 + 20 * k, (n,))
        burst = torch.exp(-((torch.arange(64)[None] - pos[:, None]).float() / 1.2) ** 2)
        wave = torch.cos(math.pi * torch.arange(64).float())
        x = x + (y > k).float()[:, None] * 1.6 * burst * wave
    x = x + 0.25 * torch.randn(n, 64)
    return x[:, None] / 0.8, y


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(1, 12, 5, stride=2, padding=2)
        self.c2 = nn.Conv1d(12, 24, 5, stride=2, padding=2)
        self.fc1 = nn.Linear(24 * 16, 48)
        self.fc2 = nn.Linear(48, 4)

    def forward(self, x):
        x = F.relu(self.c1(x))
        x = F.relu(self.c2(x))
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


N = 2048
bs = 1024
xtr, ytr = make_signals(N)
xva, yva = make_signals(1000)
model = Detector()
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.7, weight_decay=1e-4)

epochs = 80
for epoch in range(epochs):
    model.train()
    perm = torch.randperm(N)
    for i in range(0, N, bs):
        idx = perm[i:i + bs]
        optimizer.zero_grad()
        loss = F.cross_entropy(model(xtr[idx]), ytr[idx])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        logits = model(xva)
        val_loss = F.cross_entropy(logits, yva).item()
        acc = (logits.argmax(-1) == yva).float().mean().item()
    if epoch % 10 == 9:
        print(f"[{epoch + 1:3d}/{epochs}] train {loss.item():.3f} val {val_loss:.3f} acc {acc:.3f}")

print(f"final_metric={acc:.4f}")
