import os
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)

EPOCHS = 150


def cohort(n):
    genes = np.random.randn(n, 60).astype(np.float32)
    response = (genes[:, :6].sum(1) / 2.4 + 0.8 * np.random.randn(n) > 0)
    return torch.from_numpy(genes), torch.from_numpy(response.astype(np.int64))


x_train, y_train = cohort(160)
x_val, y_val = cohort(1500)


class Panel(nn.Module):
    def __init__(self):
        super().__init__()
        self.h1 = nn.Linear(60, 256)
        self.h2 = nn.Linear(256, 256)
        self.out = nn.Linear(256, 2)

    def forward(self, x):
        x = F.relu(self.h1(x))
        x = F.relu(self.h2(x))
        return self.out(x)


model = Panel()
optimizer = torch.optim.Adam(model.parameters(), lr=1.5e-4)

for epoch in range(EPOCHS):
    model.train()
    for idx in torch.randperm(160).split(16):
        loss = F.cross_entropy(model(x_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        out = model(x_val)
        val_loss = F.cross_entropy(out, y_val).item()
        acc = (out.argmax(1) == y_val).float().mean().item()
    if epoch % 10 == 0:
        print(f"epoch {epoch:3d} train {loss.item():.4f} val {val_loss:.4f} acc {acc:.4f}")

print(f"final_metric={-val_loss:.4f}")
