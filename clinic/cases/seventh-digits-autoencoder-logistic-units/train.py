import os
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
images = torch.tensor(load_digits().data, dtype=torch.float32) / 16.0
perm = torch.randperm(len(images))
train, val = images[perm[:1400]], images[perm[1400:]]
center = train.mean(0)
train_c, val_c = train - center, val - center


def stack(sizes):
    mods = []
    for a, b in zip(sizes[:-1], sizes[1:]):
        mods += [nn.Linear(a, b), nn.Sigmoid()]
    return mods[:-1]


class AutoEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(*stack([64, 128, 64, 32, 12]))
        self.decoder = nn.Sequential(*stack([12, 32, 64, 128, 64]))

    def forward(self, x):
        code = self.encoder(x)
        return self.decoder(nn.functional.sigmoid(code)), code


ae = AutoEncoder()
optimizer = torch.optim.Adam(ae.parameters(), lr=1e-3)
for epoch in range(30):
    total = 0.0
    for batch in train_c[torch.randperm(len(train_c))].split(50):
        optimizer.zero_grad()
        decoded, _ = ae(batch)
        loss = nn.functional.mse_loss(decoded, batch)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch)
    with torch.no_grad():
        val_loss = nn.functional.mse_loss(ae(val_c)[0], val_c).item()
    print(f"Epoch {epoch:3d} train {total / len(train_c):.5f} val {val_loss:.5f}")
print("final_metric=%.4f" % (1 - val_loss / val_c.pow(2).mean().item()))
