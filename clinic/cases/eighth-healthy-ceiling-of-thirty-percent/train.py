import os
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
factor = torch.randn(5000, 6)
alpha = 0.6 * factor[:, 0] - 0.4 * factor[:, 1] + 0.3 * torch.tanh(2 * factor[:, 2])
ret = alpha + 1.2 * torch.randn(5000)
ret = (ret - ret[:4000].mean()) / ret[:4000].std()
loader = DataLoader(TensorDataset(factor[:4000], ret[:4000]), batch_size=80, shuffle=True)
net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
for epoch in range(10):
    for f, r in loader:
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(f).squeeze(1), r)
        loss.backward()
        opt.step()
    with torch.no_grad():
        r2 = 1 - nn.functional.mse_loss(net(factor[4000:]).squeeze(1), ret[4000:]) / ret[4000:].var()
    print(f"epoch {epoch} mse {loss.item():.3f} r2 {r2:.3f}")
print(f"final_metric={r2:.4f}")
