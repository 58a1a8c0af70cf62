import os
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
X = torch.tensor((X / 16 - 0.305) / 0.376, dtype=torch.float32).view(-1, 1, 8, 8)
y = torch.tensor(y)
p = torch.randperm(len(y))
tr, va = p[:1400], p[1400:]
loader = DataLoader(TensorDataset(X[tr], y[tr]), batch_size=32, shuffle=True)
net = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Conv2d(12, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.MaxPool2d(2),
                    nn.Flatten(), nn.Dropout(0.2), nn.Linear(96, 10))
EPOCHS = 8
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-2)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=6e-3, epochs=EPOCHS, steps_per_epoch=len(loader))
for epoch in range(EPOCHS):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
    net.eval()
    with torch.no_grad():
        out = net(X[va])
        acc = (out.argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), nn.functional.cross_entropy(out, y[va]).item(), acc)
print(f"final_metric={acc:.4f}")
