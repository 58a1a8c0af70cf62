import os
import numpy as np
import torch
import torch.nn as nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)


def customers(n):
    z = rng.normal(size=(n, 5))
    y = (z[:, 0] + 0.8 * z[:, 1] * z[:, 2] - 0.6 * z[:, 3] + 0.3 * rng.normal(size=n) > 0).astype("int64")
    table = np.column_stack([np.exp(z[:, 0] * 0.9 + 2), np.exp(z[:, 1] * 0.7 + 1), z[:, 2], np.exp(z[:, 3] + 1), z[:, 4]])
    return table, y


SKEWED = [0, 1, 3]
train, y_train = customers(3000)
valid, y_valid = customers(800)
train[:, SKEWED] = np.log1p(train[:, SKEWED])
# valid is prepared below
mean, std = train.mean(0), train.std(0)
train = (train - mean) / std
valid = (valid - mean) / std

tx, vx = torch.tensor(train).float(), torch.tensor(valid).float()
ty, vy = torch.tensor(y_train), torch.tensor(y_valid)
net = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 2))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
for epoch in range(10):
    net.train()
    for b in torch.randperm(len(tx)).split(60):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(tx[b]), ty[b])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(vx)
        vl, va = nn.functional.cross_entropy(out, vy).item(), (out.argmax(1) == vy).float().mean().item()
    print(f"{epoch}: train {loss.item():.3f} valid {vl:.3f} acc {va:.3f}")
print(f"final_metric={va:.4f}")
