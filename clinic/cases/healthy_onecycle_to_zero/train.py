import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset
from torch.optim.lr_scheduler import OneCycleLR

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
bunch = load_digits()
images = (torch.from_numpy(bunch.images).float().unsqueeze(1) - 4.88) / 6.02
target = torch.from_numpy(bunch.target)
perm = torch.randperm(len(target))
ds_train = TensorDataset(images[perm[:1400]], target[perm[:1400]])
x_val, y_val = images[perm[1400:]], target[perm[1400:]]
loader = DataLoader(ds_train, batch_size=64, shuffle=True, drop_last=True)

EPOCHS = 10
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
    nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.BatchNorm2d(24), nn.ReLU(),
    nn.Flatten(), nn.Linear(24 * 16, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
sched = OneCycleLR(opt, max_lr=0.1, epochs=EPOCHS, steps_per_epoch=len(loader))
for epoch in range(EPOCHS):
    model.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
    print(f"epoch {epoch} lr {sched.get_last_lr()[0]:.2e} loss {loss.item():.4f}")
model.eval()
with torch.no_grad():
    acc = (model(x_val).argmax(1) == y_val).float().mean().item()
print(f"final_metric={acc:.4f}")
