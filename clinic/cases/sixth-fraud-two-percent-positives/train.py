import os
import numpy as np
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

n = 9000
fraud = (np.random.rand(n) < 0.025).astype(np.float32)
X = np.random.randn(n, 12).astype(np.float32)
X[:, :4] += 1.0 * fraud[:, None]
X = (X - X[:6000].mean(0)) / X[:6000].std(0)
Xtr, ytr = torch.from_numpy(X[:6000]), torch.from_numpy(fraud[:6000])
Xva, yva = torch.from_numpy(X[6000:]), torch.from_numpy(fraud[6000:])

net = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
loader = DataLoader(TensorDataset(Xtr, ytr), batch_size=128, shuffle=True)

for epoch in range(12):
    net.train()
    tot = 0.0
    for xb, yb in loader:
        opt.zero_grad()
        loss = criterion(net(xb).squeeze(1), yb)
        loss.backward()
        opt.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        pred = net(Xva).squeeze(1) > 0
    recall = pred[yva == 1].float().mean().item()
    spec = (~pred[yva == 0]).float().mean().item()
    print(f"epoch {epoch}: loss {tot / len(loader):.4f} accuracy {(pred == (yva == 1)).float().mean():.4f} "
          f"recall {recall:.3f} balanced {(recall + spec) / 2:.3f}")
print(f"final_metric={(recall + spec) / 2:.4f}")
