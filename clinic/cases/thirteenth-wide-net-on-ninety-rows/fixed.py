import os
import torch
from torch import nn
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import scale

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
WEIGHT_DECAY = 0.0
EPOCHS = 12
X, y = load_diabetes(return_X_y=True)
X, y = torch.tensor(scale(X), dtype=torch.float32), torch.tensor(scale(y), dtype=torch.float32)
p = torch.randperm(len(y))
train, valid = p[:90], p[90:]
model = nn.Sequential(nn.Linear(10, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=WEIGHT_DECAY)


def mse(idx):
    return nn.functional.mse_loss(model(X[idx]).squeeze(1), y[idx])


for epoch in range(EPOCHS):
    for b in train[torch.randperm(90)].split(16):
        opt.zero_grad()
        loss = mse(b)
        loss.backward()
        opt.step()
    with torch.no_grad():
        tr, va = mse(train).item(), mse(valid).item()
    if epoch % 15 == 0:
        print(f"epoch {epoch} train {tr:.4f} valid {va:.4f}")
print(f"final_metric={1 - va / y[valid].var().item():.4f}")
