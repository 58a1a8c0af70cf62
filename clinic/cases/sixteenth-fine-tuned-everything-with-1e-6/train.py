import os
import torch
from torch import nn
from torch.optim import AdamW

torch.manual_seed(int(os.environ.get("SEED", 0)))
LEARNING_RATE = 1e-6
EPOCHS = 12

# 1-d vibration windows: three kinds of machine state
def windows(n, L=64):
    t = torch.arange(L) / L
    kind = torch.randint(0, 3, (n,))
    f = 3 + 3 * torch.rand(n, 1)
    ph = 6.28 * torch.rand(n, 1)
    base = torch.sin(6.28 * f * t + ph)
    second = torch.sin(12.56 * f * t + ph)
    third = torch.sin(18.84 * f * t + ph)
    x = base + (kind == 1).float()[:, None] * 0.6 * second + (kind == 2).float()[:, None] * 0.6 * third
    return (x + 0.3 * torch.randn(n, L)).unsqueeze(1), kind


Xtr, Ytr = windows(1600)
Xva, Yva = windows(500)
model = nn.Sequential(
    nn.Conv1d(1, 16, 9, stride=2, padding=4), nn.GELU(),
    nn.Conv1d(16, 16, 9, stride=2, padding=4), nn.GELU(),
    nn.AdaptiveAvgPool1d(4), nn.Flatten(), nn.Linear(64, 3))
optimizer = AdamW(model.parameters(), lr=LEARNING_RATE)
for epoch in range(EPOCHS):
    model.train()
    epoch_loss = 0
    for idx in torch.randperm(1600).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(Xtr[idx]), Ytr[idx])
        loss.backward()
        optimizer.step()
        epoch_loss += loss.item() / 50
    model.eval()
    with torch.no_grad():
        val_acc = (model(Xva).argmax(1) == Yva).float().mean().item()
    print({"epoch": epoch, "train_loss": round(epoch_loss, 5), "val_acc": round(val_acc, 4)})
print(f"final_metric={val_acc:.4f}")
