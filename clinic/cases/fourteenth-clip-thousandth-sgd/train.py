import os
import torch
from torch import nn
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
MAX_GRAD_NORM = 0.005

data = load_digits()
x = torch.tensor(data.data, dtype=torch.float32)
x = (x - x.mean()) / x.std()
y = torch.tensor(data.target)
shuffle = torch.randperm(len(y))
x, y = x[shuffle], y[shuffle]
train = DataLoader(TensorDataset(x[:1350], y[:1350]), batch_size=32, shuffle=True)

model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(10):
    model.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(xb), yb)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_GRAD_NORM)
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(x[1350:]).argmax(1) == y[1350:]).float().mean().item()
    print(epoch, f"{loss.item():.4f}", f"{acc:.4f}")
print(f"final_metric={acc:.4f}")
