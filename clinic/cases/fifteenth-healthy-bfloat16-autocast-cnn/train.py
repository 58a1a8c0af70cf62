import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
device = "cuda" if torch.cuda.is_available() else "cpu"
data = load_digits()
x = ((torch.tensor(data.images, dtype=torch.float32) - 4.88) / 6.0)[:, None].to(device)
y = torch.tensor(data.target).to(device)
perm = torch.randperm(len(x))
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(),
    nn.Flatten(), nn.Dropout(0.2), nn.Linear(512, 10),
).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(6):
    model.train()
    order = perm[:1400][torch.randperm(1400)]
    for b in order.split(35):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device_type=device, dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad(), torch.autocast(device_type=device, dtype=torch.bfloat16):
        acc = (model(x[perm[1400:]]).argmax(1) == y[perm[1400:]]).float().mean().item()
    print(f"epoch {epoch}: {loss.item():.4f} {acc:.4f}")
print(f"final_metric={acc:.4f}")
